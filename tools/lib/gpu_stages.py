"""The stages of tools/gpu_check that check: each takes a Day and seconds, keeps what it measured and returns an Outcome."""
import concurrent.futures
import gzip
import json
import os
import pathlib
import re
import subprocess
import time

SKIPPED = 77
STOPPED = 3  # a kernel has faulted, and the program's other cases are still to run
SUMMARY = re.compile(r"^(\d+) passed, (\d+) failed, (\d+) skipped$", re.MULTILINE)

# What compute-sanitizer looks at: tool, program, parts of the names of its cases. Small shapes; initcheck sees the
# device's own memory alone, which programs with a run time use.
SANITIZED = [
    (tool, program, cases)
    for tool in ("memcheck", "racecheck", "synccheck")
    for program, cases in [
        ("layers_conv_cuda", ["valid", "strides", "fused"]), ("layers_dense_cuda", ["sizes", "fused"]),
        ("layers_max_pool_cuda", ["same", "with_layers"]), ("layers_avg_pool_cuda", ["overlap"]),
        ("layers_batch_norm_cuda", ["images", "vectors"]), ("layers_softmax_cuda", ["classes"]),
        ("cuda_product", ["ends_of_tiles", "parts"]), ("cuda_cross_entropy", ["classes"]), ("cuda_optimize", ["adam"]),
        ("cuda_load", ["colours"]), ("cuda_training", ["adam", "recorded"]), ("cuda_networks", ["every_layer"])]
] + [("initcheck", program, cases) for program, cases in [
    ("cuda_training", ["adam"]), ("cuda_executor", []), ("cuda_evaluation", ["labels"]),
    ("cuda_networks", ["every_layer"]), ("train_cuda_trainer", ["as_on_the_cpu"])]]

# Test accuracy to reach on MNIST (the reports' lowest runs), and on drawn digits; and how far GPU and CPU may lie apart.
EPOCHS = 10
WANTED = {("R1", "MNIST"): 0.984, ("R12", "MNIST"): 0.984, ("R1", "drawn"): 0.95, ("R12", "drawn"): 0.95}
APART = 0.004


class Outcome:
    """What a stage came to."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.notes = []

    def add(self, verdict, note=""):
        setattr(self, verdict, getattr(self, verdict) + 1)
        if note:
            self.notes.append(f"{verdict}: {note}")

    def __str__(self):
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def run(command, limit, **options):
    """(exit status, output) of a command; the status is None where it took longer than `limit` seconds."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=max(limit, 1), **options)
        return done.returncode, done.stdout + done.stderr
    except subprocess.TimeoutExpired as late:
        said = late.stdout or b""
        return None, said.decode(errors="replace") if isinstance(said, bytes) else said


def lines_of(text):
    """The lines of JSON in a program's output."""
    for line in text.splitlines():
        if line.startswith("{"):
            try:
                yield json.loads(line)
            except ValueError:
                pass


def ceilings(day, limit):
    outcome = Outcome()
    for name in ("ceilings", "products"):
        if program := day.program(name, outcome):
            measure_ceilings(day, outcome, name, program, limit / 2)
    return outcome


def measure_ceilings(day, outcome, name, program, limit):
    status, text = run([program], limit)
    day.keep(f"{name}.log", text)
    for line in lines_of(text):
        if "ceiling" in line:
            day.results["ceilings"][line["ceiling"]] = line["value"]
            outcome.add("passed")
            day.say(f"  {line['ceiling']}: {line['value']:.4g} {line['unit']}")
        elif "device" in line:
            day.results["device"] = line
        elif "error" in line:
            outcome.add("failed", line["error"])
    if status != 0:
        outcome.add("skipped" if status == SKIPPED else "failed", f"{name} ended with {status}: {text.strip()[-200:]}")


def primitives(day, limit):
    outcome = Outcome()
    program = day.program("primitives", outcome)
    if not program:
        return outcome
    status, text = run([program], limit)
    day.keep("primitives.log", text)
    for line in text.splitlines():
        if line.endswith(" agrees"):
            outcome.add("passed")
        elif line.endswith(" DIFFERS") or " on the GPU, " in line:
            outcome.add("failed", line) if line.endswith("DIFFERS") else outcome.notes.append(line)
    if status != 0 and outcome.failed == 0:
        outcome.add("skipped" if status == SKIPPED else "failed", f"primitives ended with {status}: {text.strip()[-200:]}")
    return outcome


def test_program(program, limit, wrap=()):
    """Runs a test program, and again behind each case whose kernel faulted. Returns (passed, failed, skipped, text)."""
    end, first, counts, texts = time.monotonic() + limit, 0, [0, 0, 0], []
    while True:
        status, text = run([*wrap, program, "--from", str(first)], end - time.monotonic())
        texts.append(text)
        if status == SKIPPED and first == 0:
            return 0, 0, 1, text
        found = SUMMARY.search(text)
        if found:
            counts = [c + int(n) for c, n in zip(counts, found.groups())]
            break
        for i, word in enumerate(("passed", "FAILED", "skipped")):
            counts[i] += len(re.findall(rf"^{word}\s+\S+/", text, re.MULTILINE))
        stop = re.search(r"^stopped behind case (\d+)", text, re.MULTILINE)
        if status != STOPPED or not stop:
            counts[1] += 1
            texts.append(f"ended with {'a time limit' if status is None else status}\n")
            break
        first = int(stop[1]) + 1
    return *counts, "".join(texts)


def kernels(day, limit):
    """Every test of kernels on the device; several programs at once."""
    outcome, end = Outcome(), time.monotonic() + limit

    def one(name):
        lost = Outcome()
        program = day.program(name, lost)
        if not program:
            return name, lost.passed, lost.failed, lost.skipped, "\n".join(lost.notes), 0
        begin = time.monotonic()
        counts = test_program(program, min(120, end - begin))
        return name, *counts, time.monotonic() - begin

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for name, passed, failed, skipped, text, took in pool.map(one, day.names_of("test")):
            day.keep(f"{name}.log", text)
            day.say(f"  {name}: {passed} passed, {failed} failed, {skipped} skipped in {took:.1f} s")
            outcome.passed += passed
            outcome.failed += failed
            outcome.skipped += skipped
            day.results["kernels"][name] = dict(passed=passed, failed=failed, skipped=skipped, seconds=round(took, 1))
            if failed:
                lines = [line for line in text.splitlines() if not line.startswith(("passed", "skipped"))]
                outcome.notes += [f"{name}: {line}" for line in lines[:6]]
    return outcome


def sanitizer(day, limit):
    outcome, end = Outcome(), time.monotonic() + limit
    tool_path = day.tool("compute-sanitizer")
    if not tool_path:
        outcome.add("skipped", "compute-sanitizer is not installed")
        return outcome

    def one(job):
        tool, name, cases = job
        lost = Outcome()
        program = day.program(name, lost)
        left = end - time.monotonic()
        if not program or left < 5:
            return job, "skipped", "no time left" if program else "; ".join(lost.notes)
        status, text = run([tool_path, "--tool", tool, "--error-exitcode", "9", "--print-limit", "20", program, *cases],
                           min(left, 150))
        day.keep(f"{tool}_{name}.log", text)
        found = re.search(r"ERROR SUMMARY: (\d+) error|RACECHECK SUMMARY: (\d+) hazard", text)
        errors = int(found[1] or found[2] or 0) if found else None
        if status == SKIPPED or "Device not supported" in text:
            return job, "skipped", text.strip().splitlines()[-1]
        if status is None:
            return job, "skipped", "ran past its time"
        if errors == 0 and status == 0:
            return job, "passed", ""
        told = next((line for line in text.splitlines() if line.startswith("=========") and "SUMMARY" not in line and
                     re.search(r"error|hazard|invalid|uninitialized|barrier", line, re.IGNORECASE)), text.strip()[-200:])
        return job, "failed", f"{errors if errors is not None else '?'} errors: {told}"

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for (tool, name, _), verdict, note in pool.map(one, SANITIZED):
            outcome.add(verdict, f"{tool} {name}: {note}" if note else "")
            day.results["sanitizer"][f"{tool} {name}"] = verdict + (f": {note}" if note else "")
            if verdict != "passed":
                day.say(f"  {tool} {name}: {verdict}: {note}")
    return outcome


def find_digits(top, folder):
    """MNIST's files, uncompressed into `folder`; None where they are nowhere."""
    places = [pathlib.Path(p) for p in (os.environ.get("STRATA_DATA"), top / "../shared/data", top / "shared/data") if p]
    for found in (place / within for place in places for within in ("mnist", "")):
        if not any(found.glob("train-labels*")):
            continue
        folder.mkdir(parents=True, exist_ok=True)
        for file in found.iterdir():
            if file.suffix == ".gz":
                (folder / file.stem).write_bytes(gzip.decompress(file.read_bytes()))
            elif "ubyte" in file.name:
                (folder / file.name).write_bytes(file.read_bytes())
        return folder
    return None


def training(day, limit):
    """R1 and R12 on the GPU, twice from one seed, and on the CPU."""
    outcome, end = Outcome(), time.monotonic() + limit
    program = day.program("digits", outcome)
    host = day.program("digits_cpu", outcome)
    if not program:
        return outcome
    folder = find_digits(day.top, day.folder / "data")
    data, where = ("MNIST", str(folder)) if folder else ("drawn", "drawn")
    if not folder:
        day.say("  no MNIST in $STRATA_DATA, ../shared/data or shared/data: drawn digits")
    epochs = str(2 if day.quick else EPOCHS)
    on_cpu = subprocess.Popen([host, where, epochs, "1"], stdout=subprocess.PIPE, text=True) if host else None
    status, text = run([program, where, epochs, "2"], end - time.monotonic())
    found = list(lines_of(text))
    day.keep("training.log", text)
    if status != 0:
        outcome.add("skipped" if status == SKIPPED else "failed", f"digits ended with {status}: {text.strip()[-200:]}")
    expected = {}
    if on_cpu:
        try:
            expected = {line["net"]: line for line in lines_of(on_cpu.communicate(timeout=max(1, end - time.monotonic()))[0])
                        if "net" in line}
        except subprocess.TimeoutExpired:
            on_cpu.kill()
            outcome.add("skipped", "the CPU's training ran past the time")
    for net in ("R1", "R12"):
        runs = [line for line in found if line.get("net") == net]
        if not runs:
            continue
        day.results["training"][net] = dict(gpu=runs, cpu=expected.get(net))
        judge_training(outcome, net, data, runs, expected.get(net), day.quick)
        day.say(f"  {net} on {data}, {runs[0]['epochs']} epochs: {runs[0]['accuracy']:.4f} in {runs[-1]['seconds']:.2f} s; "
                f"the CPU {expected[net]['accuracy'] if net in expected else float('nan'):.4f}")
    return outcome


def judge_training(outcome, net, data, runs, cpu, quick):
    accuracy, hashes = runs[0]["accuracy"], [r["hash"] for r in runs]
    if not quick:
        good = accuracy >= WANTED[net, data]
        outcome.add("passed" if good else "failed", "" if good else f"{net} reaches {accuracy}, not {WANTED[net, data]}")
    if len(hashes) > 1:
        same = len(set(hashes)) == 1
        outcome.add("passed" if same else "failed", "" if same else f"{net}: two runs of one seed differ: {hashes}")
    else:
        outcome.add("failed", f"{net}: there is no second run to compare")
    if cpu:
        near = abs(accuracy - cpu["accuracy"]) <= APART
        outcome.add("passed" if near else "failed", "" if near else f"{net}: {accuracy} on the GPU, {cpu['accuracy']} on the CPU")
