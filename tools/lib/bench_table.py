"""Turns the records of tools/bench into ratios and a table."""
import json
import os
import platform
import re
import statistics
import subprocess

# Multiply-adds of VGG-16's convolutions, twice: side^2 * 9 * channels * filters * 2.
LAYER = re.compile(r"(\d+)x\d+x(\d+)-(\d+)")


def machine(cpus):
    """The machine's name: processor, cores used, system, compiler, versions of the peers' packages."""
    name = platform.processor() or "unknown processor"
    family = ""
    with open("/proc/cpuinfo") as info:
        fields = dict(re.split(r"\s*:\s*", line.strip(), maxsplit=1) for line in info if ":" in line)
    name = fields.get("model name", name)
    if "cpu family" in fields:
        family = f"family {fields['cpu family']}, model {fields['model']}"
    widest = next((w for w in ("avx512f", "avx2", "avx") if w in fields.get("flags", "").split()), "")
    compiler = subprocess.run([os.environ.get("CXX", "c++"), "--version"], capture_output=True, text=True).stdout
    return {"processor": f"{name} ({', '.join(filter(None, [family, widest]))})",
            "cores": f"{len(cpus)} of {os.cpu_count()}", "system": f"{platform.system()} {platform.release()}",
            "compiler": compiler.splitlines()[0], "packages": packages()}


def packages():
    names = ["libtorch1.13", "libdlib19.1", "libdnnl2", "libopenblas0-openmp", "libopenblas0-pthread"]
    try:
        found = subprocess.run(["dpkg-query", "-W", "-f", "${Package} ${Version};", *names],
                               capture_output=True, text=True).stdout
    except FileNotFoundError:
        return ""
    return ", ".join(p for p in found.split(";") if p and not p.endswith(" "))


def of_cell(records, cell, who):
    """The records of one program in one cell and round."""
    keys = ("model", "work", "batch", "threads")
    return [r for r in records if r["who"] == who and all(r.get(k, cell[k]) == cell[k] for k in keys)]


def spread(values):
    """Median, smallest, largest."""
    return statistics.median(values), min(values), max(values)


def ratios(rounds, cell):
    """strata against the best peer of the same round, round by round: of rates where `higher`, else of times."""
    result = []
    for records in rounds:
        ours = of_cell(records, cell, "strata")
        peers = [r["us_per_batch"] for who in cell["who"][1:] for r in of_cell(records, cell, who)]
        if ours and peers:
            ratio = ours[0]["us_per_batch"] / min(peers)
            result.append(1 / ratio if cell["higher"] else ratio)
    return result


def best_ratio(rounds, cell):
    """The same ratio of the shortest windows of all rounds: what is left of it when others disturb the machine."""
    best = {who: min((r.get("best_us_per_batch", r["us_per_batch"]) for records in rounds
                      for r in of_cell(records, cell, who)), default=None) for who in cell["who"]}
    peers = [best[who] for who in cell["who"][1:] if best[who]]
    if not best["strata"] or not peers:
        return ""
    ratio = best["strata"] / min(peers)
    return f"{1 / ratio if cell['higher'] else ratio:.2f}"


def times(rounds, cell, who):
    return [r["us_per_batch"] for records in rounds for r in of_cell(records, cell, who)[:1]]


def layer_sums(rounds, kind=None):
    """For each round the time of all convolutions by algorithm `kind`, in us."""
    sums = []
    for records in rounds:
        by_layer = {}
        for r in records:
            if r["work"] == "layers" and (kind is None or kind in r.get("mode", "")):
                by_layer[r["layer"]] = min(by_layer.get(r["layer"], 1e30), r["us_per_batch"] * r["count"])
        sums.append(sum(by_layer.values()))
    return sums


def others(records):
    """The mean share of the cores that others took while these were measured."""
    return statistics.fmean([r.get("others", 0) for r in records] or [0])


def number(x):
    """Three to four digits, thousands apart."""
    return f"{x:,.0f}" if x >= 100 else f"{x:.3g}"


def shown(cell, us):
    """What a cell shows of a time: images a second, or the time of a batch of one."""
    if cell["work"] == "first" or cell["model"] == "R13":
        return f"{number(us / 1000)} ms"
    if cell["batch"] == 1:
        return f"{number(us)} us"
    return number(cell["batch"] / us * 1e6)


def threads_text(threads):
    return "1 thread" if threads == 1 else f"{threads} threads"


def ratio_text(values, goal):
    if not values:
        return "", ""
    median, low, high = spread(values)
    return f"{median:.2f} ({low:.2f} .. {high:.2f})", "" if goal is None else f"{goal:g}"


def models_table(rounds, cells):
    lines = ["| work | threads | strata | libtorch | dlib | ratio to the best peer | of best windows | wanted |",
             "|---|---|---|---|---|---|---|---|"]
    modes = []
    for cell in cells:
        if cell["work"] == "layers":
            continue
        work = "start to first prediction" if cell["work"] == "first" else f"{cell['work']}, batch {cell['batch']}"
        all_found = [r for records in rounds for who in cell["who"] for r in of_cell(records, cell, who)]
        busy = " (busy)" if others(all_found) > 0.05 else ""
        row = [f"{cell['model']} {work}{busy}", str(cell["threads"])]
        for who in ("strata", "libtorch", "dlib"):
            measured = times(rounds, cell, who)
            row.append(shown(cell, statistics.median(measured)) if measured else "-")
            found = [r for records in rounds for r in of_cell(records, cell, who)]
            if cell["work"] == "first" and found:
                row[-1] += f", {statistics.median(r['resident_kb'] for r in found) / 1024:.1f} MiB"
            if who == "libtorch" and found and "mode" in found[0]:
                mode = statistics.mode(r["mode"] for r in found)
                modes.append(f"{cell['model']} {work} {cell['threads']}: {mode}")
        ratio, goal = ratio_text(ratios(rounds, cell), cell["goal"])
        lines.append("| " + " | ".join([*row, ratio, best_ratio(rounds, cell), goal]) + " |")
    return lines, modes


def layers_table(rounds, threads):
    """The convolutions of VGG-16 one by one: GFLOP/s, and the time of oneDNN's direct one over ours."""
    rounds = [[r for r in records if r.get("work") == "layers" and r["threads"] == threads] for records in rounds]
    names = list(dict.fromkeys(r["layer"] for records in rounds for r in records if r["who"] == "strata"))
    if not names:
        return []
    lines = ["", f"VGG-16's convolutions (3x3, Same, with bias and ReLU), batch 1, {threads_text(threads)}, GFLOP/s "
             "counted as direct:", "",
             "| convolution | times | strata direct | oneDNN direct | ratio | strata as chosen | oneDNN Winograd "
             "| strata as chosen / oneDNN direct |",
             "|---|---|---|---|---|---|---|---|"]

    def row(name, count, gflop, all_rounds):
        plain, direct, ours, winograd = ([t for t in layer_sums(
            [[r for r in records if r["who"] == who] for records in all_rounds], kind) if t]
            for who, kind in (("strata", "direct"), ("onednn", "direct"), ("strata", "automatic"),
                              ("onednn", "winograd")))
        cells = [number(gflop / statistics.median(t) * 1e6) if t else "-" for t in (plain, direct, ours, winograd)]
        cells.insert(2, ratio_text([d / o for o, d in zip(plain, direct)], None)[0])
        cells.append(ratio_text([d / o for o, d in zip(ours, direct)], None)[0])
        lines.append(f"| {name} | {count} | " + " | ".join(cells) + " |")
        return plain, direct, ours, winograd

    total = 0
    for name in names:
        mine = [[r for r in records if r["layer"] == name] for records in rounds]
        count = mine[0][0]["count"]
        side, channels, filters = map(int, LAYER.fullmatch(name).groups())
        gflop = 18e-9 * side * side * channels * filters * count
        total += gflop
        row(name, count, gflop, mine)
    parts = [f"{who} {statistics.median(t) / 1000:.1f} ms" for who, t in
             zip(("strata direct", "oneDNN direct", "strata as chosen", "oneDNN Winograd"),
                 row("all", 13, total, rounds)) if t]
    return lines + ["", "All 13: " + ", ".join(parts) + "."]


def markdown(result, cells):
    """The whole table with the machine it was measured on."""
    rounds, about = result["rounds"], result["machine"]
    lines = [f"{about['processor']}, {about['cores']} cores, {about['system']}; {about['compiler']}; "
             f"{about['packages']}.", "",
             f"Rounds: {len(rounds)} of {result['seconds']:g} s a cell, interleaved. Medians, and the rounds' ratios "
             "as median (smallest .. largest); beside them the ratio of the shortest windows of all rounds.", ""]
    shares = [r["others"] for records in rounds for r in records if "others" in r]
    if shares:
        lines.append(f"- others took {100 * statistics.fmean(shares):.0f} % of the cores (mean of all measurements; "
                     f"at most {100 * max(shares):.0f} %); cells with more than 5 % are marked busy")
    for r in result["limits"]:
        if r["who"] == "machine":
            lines.append(f"- {threads_text(r['threads'])}: FMA {r['gflops']:.0f} GFLOP/s, cache "
                         f"{r['cache_gbytes']:.0f} GB/s, memory {r['memory_gbytes']:.0f} GB/s")
        else:
            lines.append(f"- {threads_text(r['threads'])}: OpenBLAS sgemm {r['gflops']:.0f} GFLOP/s ({r['mode']})")
    table, modes = models_table(rounds, cells)
    lines += ["", "Training and batches of 256 in images a second (more is better), the rest in time (less is better).",
              "", *table]
    for threads in (1, 2):
        lines += layers_table(rounds, threads)
    if modes:
        lines += ["", "libtorch's best modes: " + "; ".join(modes) + "."]
    dlib = {r["mode"] for records in rounds for r in records if r["who"] == "dlib" and "mode" in r}
    if dlib:
        lines += ["", f"dlib: {', '.join(sorted(dlib))}."]
    return "\n".join(lines) + "\n"


def write(path, result, cells):
    """Writes PATH.md and PATH.json, each aside and then renamed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for ending, text in ((".md", markdown(result, cells)), (".json", json.dumps(result, indent=1) + "\n")):
        aside = path.with_name(path.name + ending + ".part")
        aside.write_text(text)
        aside.replace(path.with_name(path.name + ending))
