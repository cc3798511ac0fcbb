"""The stage of tools/gpu_check that measures steps and predictions, strata's and its peers', in turns."""
import contextlib
import json
import os
import select
import statistics
import subprocess
import sys
import time

import gpu_stages


class Asked:
    """A program that measures what it is asked for, by lines."""

    def __init__(self, command, cwd, log):
        with open(log, "wb") as errors:
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, cwd=cwd)
        self.rest = b""

    def line(self, limit):
        """The next line of JSON; None where none comes in time or the program has ended."""
        end = time.monotonic() + limit
        while True:
            if b"\n" in self.rest:
                line, self.rest = self.rest.split(b"\n", 1)
                if line.startswith(b"{"):
                    return json.loads(line)
                continue
            if not select.select([self.process.stdout], [], [], max(0, end - time.monotonic()))[0]:
                return None
            more = os.read(self.process.stdout.fileno(), 65536)
            if not more:
                return None
            self.rest += more

    def ask(self, name, limit):
        """The answer; a dictionary with an error where there is none, and then the program is ended."""
        try:
            self.process.stdin.write(name.encode() + b"\n")
            self.process.stdin.flush()
            answer = self.line(limit)
        except (BrokenPipeError, ValueError):
            answer = None
        if answer is None:
            self.process.kill()
            return dict(error="no answer")
        return answer

    def end(self):
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()


def benchmarks(day, limit):
    """All cells, strata and its peers in turns, several rounds; the median of each one's rounds counts."""
    outcome, end = gpu_stages.Outcome(), time.monotonic() + limit
    programs, cells = {}, []
    for name in ("r1", "r5", "r12", "vgg16"):
        program = day.program(name, outcome)
        if not program:
            continue
        for line in gpu_stages.lines_of(gpu_stages.run([program, "--list"], 20)[1]):
            cells.append(dict(line, program=name))
        programs[name] = Asked([program], day.top, day.folder / f"logs/{name}.err")
    peers, ways = {}, {}
    if day.wants("peers"):
        script = day.top / "benchmarks/gpu/peers.py"
        ways = {line["cell"]: line["ways"] for line in gpu_stages.lines_of(gpu_stages.run([sys.executable, script, "--list"], 20)[1])}
        if day.options.without_compile:
            ways = {cell: [way for way in those if way != "compile"] for cell, those in ways.items()}
        # What is compiled has a process of its own: one that takes too long is ended.
        plain, compiled = (Asked([sys.executable, script], day.top, day.folder / f"logs/{name}.err")
                           for name in ("peers", "peers_compiled"))
        peers = dict(graph=plain, eager=plain, compile=compiled)
        about = plain.line(60) or dict(skipped="PyTorch does not begin")
        day.results["peers"] = about
        if "skipped" in about or not compiled.line(60):
            outcome.add("skipped", f"peers: {about.get('skipped')}")
            plain.end()
            compiled.end()
            peers = {}
    times, dead = {}, {}  # by (cell, who): a median of each round; why there are no more
    rounds = 1 if day.quick else 3
    for number in range(rounds):
        for cell in cells:
            name = cell["cell"]
            asked = [("strata", programs[cell["program"]], name)]
            if peers:
                asked += [(way, peers[way], f"{name}: {way}") for way in ways.get(name, [])]
            for who, program, question in asked[number % len(asked):] + asked[:number % len(asked)]:
                left = end - time.monotonic()
                if (name, who) in dead:
                    continue
                if left < 3 or (who == "compile" and number == 0 and left < limit / 3):
                    dead[name, who] = "no time left"
                    continue
                answer = program.ask(question, min(left, 90))
                if "us" in answer:
                    times.setdefault((name, who), []).append(answer["us"])
                else:
                    dead[name, who] = answer.get("error") or answer.get("skipped")
        day.say(f"  round {number + 1} of {rounds} done")
        for cell in cells:
            measured = {who: statistics.median(us) for (name, who), us in times.items() if name == cell["cell"]}
            day.results["benchmarks"][cell["cell"]] = dict(cell, us=measured,
                                                           errors={w: e for (n, w), e in dead.items() if n == cell["cell"]})
    for program in {*programs.values(), *peers.values()}:
        program.end()
    for cell in cells:
        got = (cell["cell"], "strata") in times
        outcome.add("passed" if got else "failed", "" if got else f"{cell['cell']}: {dead.get((cell['cell'], 'strata'))}")
    for (name, who), why in dead.items():
        if who != "strata":
            outcome.add("skipped", f"{name}, {who}: {why}")
    return outcome
