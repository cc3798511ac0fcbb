#!/usr/bin/env python3
"""PyTorch's side of the cells that are measured on a GPU: asked for by name and answered in JSON, a line each.

    peers.py --list         a line for each cell and each way to run it
    peers.py                reads "CELL: WAY" lines, measures each as it comes, ends with its input

Ways: eager; graph, the whole step captured as a CUDA graph; compile, torch.compile (max-autotune) and then captured.
Everything else is PyTorch's best: channels_last, cudnn.benchmark, fused capturable Adam, data on the GPU. Products and
convolutions run in tf32, as strata's do. Exit status 77: there is no PyTorch, or no GPU.
"""
import json
import statistics
import sys

TRAIN = [("R1", 32), ("R1", 128), ("R1", 1024), ("R5", 256), ("R12", 32), ("R12", 128), ("R13", 16)]
PREDICT = [("R1", 1), ("R1", 32), ("R1", 256), ("R1", 1024), ("R5", 1), ("R5", 32), ("R5", 256), ("R5", 1024),
           ("R12", 1), ("R12", 256), ("VGG16", 1), ("VGG16", 16)]
# Compiling takes a quarter of a minute: it is tried where it tells most.
COMPILED = {"R1 train 128", "R1 train 1024", "R5 train 256", "R12 train 128", "R1 predict 1", "R5 predict 256",
            "VGG16 predict 16"}
CONVOLUTIONS = [(256, 3, 64), (256, 64, 64), (128, 128, 128), (64, 256, 256), (32, 512, 512), (16, 512, 512)]


def cells():
    """Names of cells, each with the ways to run it."""
    names = [f"{net} train {batch}" for net, batch in TRAIN] + [f"{net} predict {batch}" for net, batch in PREDICT]
    names += [f"conv {size} {channels} {filters} predict 16" for size, channels, filters in CONVOLUTIONS]
    for name in names:
        yield name, ["graph", "eager"] + (["compile"] if name in COMPILED else [])


if "--list" in sys.argv[1:]:
    for name, ways in cells():
        print(json.dumps(dict(cell=name, ways=ways)))
    sys.exit(0)
try:
    import torch
    import torch.nn as nn
    import torch.nn.functional as functional
except ImportError:
    print(json.dumps(dict(skipped="PyTorch is not installed")), flush=True)
    sys.exit(77)
if not torch.cuda.is_available():
    print(json.dumps(dict(skipped="PyTorch finds no GPU")), flush=True)
    sys.exit(77)

torch.backends.cudnn.benchmark = True
torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
LAST = torch.channels_last


def network(name):
    if name == "R1":
        return nn.Sequential(nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(5408, 100),
                             nn.ReLU(), nn.Linear(100, 10))
    if name == "R5":
        return nn.Sequential(nn.Conv2d(1, 64, 3), nn.LeakyReLU(.08), nn.MaxPool2d(2), nn.Dropout(.2),
                             nn.Conv2d(64, 128, 3), nn.LeakyReLU(.08), nn.MaxPool2d(2), nn.Dropout(.2), nn.Flatten(),
                             nn.BatchNorm1d(3200), nn.Linear(3200, 128), nn.BatchNorm1d(128), nn.ReLU(),
                             nn.Dropout(.2), nn.BatchNorm1d(128), nn.Linear(128, 10), nn.BatchNorm1d(10))
    if name == "R12":
        return nn.Sequential(nn.Conv2d(1, 28, 3), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(4732, 128), nn.ReLU(),
                             nn.Dropout(.2), nn.Linear(128, 10))
    layers, channels = [], 3
    for filters, count in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        for _ in range(count):
            layers += [nn.Conv2d(channels, filters, 3, padding=1), nn.ReLU()]
            channels = filters
        layers.append(nn.MaxPool2d(2))
    base = nn.Sequential(*layers)
    if name == "VGG16":
        return base
    base.requires_grad_(False)  # R13: autograd stores nothing of it
    return nn.Sequential(base, nn.Flatten(), nn.Linear(32768, 256), nn.ReLU(), nn.Linear(256, 10))


def captured(step):
    """A replay of the graph of `step`."""
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(5):
            step()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step()

    def replay(owner=step):  # the graph works in memory that only `step` keeps
        graph.replay()
    return replay


def training(name, batch, way):
    net = network(name).cuda().to(memory_format=LAST)
    shape = (3, 256, 256) if name == "R13" else (1, 28, 28)
    samples = (1 << 27) // (shape[0] * shape[1] * shape[2])  # larger than any cache
    if name == "R1":
        optimizer = torch.optim.SGD(net.parameters(), .01, momentum=.9, fused=True)
    else:
        trained = [p for p in net.parameters() if p.requires_grad]
        optimizer = torch.optim.Adam(trained, 1e-3, fused=True, capturable=True)
    pixels = torch.randint(0, 256, (samples, *shape), dtype=torch.uint8, device="cuda")
    labels = torch.randint(0, 10, (samples,), device="cuda")
    forward = torch.compile(net, mode="max-autotune-no-cudagraphs") if way == "compile" else net

    def step():
        chosen = torch.randint(0, samples, (batch,), device="cuda")
        x = (pixels[chosen].float() / 255).contiguous(memory_format=LAST)
        loss = functional.cross_entropy(forward(x), labels[chosen])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
    return step if way == "eager" else captured(step)


def prediction(net, shape, way):
    net = net.cuda().eval().to(memory_format=LAST)
    x = torch.rand(shape, device="cuda").contiguous(memory_format=LAST)
    forward = torch.compile(net, mode="max-autotune-no-cudagraphs") if way == "compile" else net

    def step():
        with torch.no_grad():
            return forward(x)
    return step if way == "eager" else captured(step)


def prepare(cell, way):
    """The work of a cell, and how often a window runs it."""
    words = cell.split()
    if words[0] == "conv":
        size, channels, filters, batch = int(words[1]), int(words[2]), int(words[3]), int(words[5])
        net = nn.Sequential(nn.Conv2d(channels, filters, 3, padding=1), nn.ReLU())
        return prediction(net, (batch, channels, size, size), way), 10
    name, kind, batch = words[0], words[1], int(words[2])
    if kind == "train":
        return training(name, batch, way), 16 if name == "R13" else 64
    if name == "VGG16":
        return prediction(network(name), (batch, 3, 256, 256), way), 10
    return prediction(network(name), (batch, 1, 28, 28), way), 64


def measure(work, count):
    """Microseconds of one time in each of five windows."""
    for _ in range(count):
        work()
    torch.cuda.synchronize()
    windows = []
    for _ in range(5):
        begin, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        begin.record()
        for _ in range(count):
            work()
        end.record()
        torch.cuda.synchronize()
        windows.append(begin.elapsed_time(end) * 1e3 / count)
    return windows


def main():
    print(json.dumps(dict(peer="PyTorch", version=torch.__version__, cudnn=torch.backends.cudnn.version(),
                          tf32=dict(matmul=torch.backends.cuda.matmul.allow_tf32,
                                    cudnn=torch.backends.cudnn.allow_tf32))), flush=True)
    ready = {}
    for line in sys.stdin:
        line = line.strip()
        cell, way = line.rsplit(": ", 1)
        try:
            if line not in ready:
                ready[line] = prepare(cell, way)
            windows = measure(*ready[line])
            print(json.dumps(dict(cell=line, us=statistics.median(windows), windows=windows)), flush=True)
        except Exception as error:  # a way that does not work stops no other
            print(json.dumps(dict(cell=line, error=f"{type(error).__name__}: {error}"[:300])), flush=True)


if __name__ == "__main__":
    main()
