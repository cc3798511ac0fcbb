"""The results of tools/gpu_check as a page of Markdown."""


def floor(cell, ceilings):
    """(microseconds, what bounds it): the longest of the time for the operations, for the bytes, and for what has to
    happen one after the other."""
    terms = []
    rate = ceilings.get("bf16" if cell["precision"] == "bf16" else "tf32")
    if rate:
        terms.append((cell["flops"] / rate * 1e6, "operations"))
    if ceilings.get("copy"):
        terms.append((cell["bytes"] / ceilings["copy"] * 1e6, "bytes"))
    if ceilings.get("grid_barrier") and ceilings.get("graph_node"):
        terms.append((cell["depth"] * ceilings["grid_barrier"] * 1e6 + ceilings["graph_node"] * 1e6, "latency"))
    return max(terms) if terms else None


def best_peer(us):
    """(name, microseconds) of the fastest peer; None where there is none."""
    peers = [(time, who) for who, time in us.items() if who != "strata"]
    return (min(peers)[1], min(peers)[0]) if peers else None


def number(us):
    return f"{us:,.0f}" if us >= 100 else f"{us:.1f}" if us >= 10 else f"{us:.2f}"


def row(cell, ceilings):
    us = cell["us"]
    own, limit, peer = us.get("strata"), floor(cell, ceilings), best_peer(us)
    cells = [cell["cell"], cell["precision"], number(own) if own else "-"]
    cells += [f"{number(limit[0])} ({limit[1]})" if limit else "-", f"{limit[0] / own:.0%}" if limit and own else "-"]
    cells += [number(us[way]) if way in us else "-" for way in ("eager", "graph", "compile")]
    cells.append(f"{peer[1] / own:.2f}" if peer and own else "-")
    return "| " + " | ".join(cells) + " |"


def page(results):
    """The whole page."""
    device = results.get("device", {})
    text = [f"# {device.get('device', 'No GPU')}, {results.get('date', '')}", ""]
    text += ["| stage | result | seconds |", "|---|---|---|"]
    text += [f"| {name} | {stage['text']} | {stage['seconds']:.0f} |" for name, stage in results.get("stages", {}).items()]
    ceilings = results.get("ceilings", {})
    if ceilings:
        units = {"copy": (1e-12, "TB/s"), "tf32": (1e-12, "TFLOP/s"), "bf16": (1e-12, "TFLOP/s"), "graph_node": (1e6, "us"),
                 "graph_launch": (1e6, "us"), "grid_barrier": (1e6, "us")}
        text += ["", "## Ceilings", "", "| what | measured |", "|---|---|"]
        text += [f"| {name} | {value * units[name][0]:.3g} {units[name][1]} |" for name, value in ceilings.items()]
    if results.get("training"):
        text += ["", "## Training on digits", "", "| net | data | GPU | CPU | two runs of one seed | seconds |", "|---|---|---|---|---|---|"]
        for net, t in results["training"].items():
            runs, cpu = t["gpu"], t.get("cpu")
            same = "the same bits" if len({r["hash"] for r in runs}) == 1 < len(runs) else "DIFFER"
            text.append(f"| {net} | {runs[0]['data']}, {runs[0]['epochs']} epochs | {runs[0]['accuracy']:.4f} | "
                        f"{cpu['accuracy'] if cpu else '-'} | {same} | {runs[-1]['seconds']:.2f} |")
    if results.get("benchmarks"):
        text += ["", "## Microseconds of a step", "",
                 "Peers are PyTorch's: eager, the whole step as one CUDA graph, and compiled and then captured. The ratio "
                 "is the best peer's time over strata's: above 1 strata is faster.", ""]
        if results.get("peers", {}).get("version"):
            p = results["peers"]
            text += [f"PyTorch {p['version']}, cuDNN {p['cudnn']}, tf32: products {p['tf32']['matmul']}, convolutions "
                     f"{p['tf32']['cudnn']}; channels_last, cudnn.benchmark, fused optimizers.", ""]
        text += ["| cell | precision | strata | floor | share of it | eager | graph | compile | ratio |",
                 "|---|---|---|---|---|---|---|---|---|"]
        text += [row(cell, ceilings) for cell in results["benchmarks"].values()]
    notes = [f"- {name}: {note}" for name, stage in results.get("stages", {}).items() for note in stage.get("notes", [])]
    if notes:
        text += ["", "## Notes", "", *notes]
    return "\n".join(text) + "\n"
