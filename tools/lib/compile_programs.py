"""The programs that tools/compile_bench compiles: the examples, small programs, and chains written out plainly."""

import pathlib

TOP = pathlib.Path(__file__).resolve().parents[2]

START = "#include <strata/strata.hpp>\n"

R1 = ("Conv<32, 3, ReLU>, MaxPool<2>, Flatten, Dense<100, ReLU>, Softmax<10>".split(", "), "28, 28, 1")

# Everything that training and predicting instantiate, without options, reports and files.
TRAINING = """
int main() {
  Model<Net> model{seed(1)};
  const auto samples = std::size_t{64};
  const Dataset data = Dataset::own(Net::input_shape, Net::output.channels,
                                    std::vector<std::uint8_t>(samples * std::size_t{Net::input_shape.size()}, 1),
                                    std::vector<std::int32_t>(samples, 0));
  fit(model, data, Adam{}, {.epochs = 1, .batch = 32});
  return predict(model, data)[0] > 0 ? 0 : 1;
}
"""

# Reads weights from a file and a sample from standard input.
INFERENCE = """
int main(int, char** argv) {
  Predictor<Net> predictor = load_predictor<Net>(argv[1]);
  std::vector<std::uint8_t> sample(predictor.inputs);
  if (std::fread(sample.data(), 1, sample.size(), stdin) != sample.size()) return 1;
  const std::span<const std::uint8_t, predictor.inputs> pixels(sample);
  for (const float p : predictor(pixels)) std::printf("%.4f\\n", double{p});
}
"""


def program(layers, shape, body):
    """A whole program for a network: its layers as written, its input, and what it does."""
    lines, line = [], ""
    for layer in layers:
        if len(line) + len(layer) > 110:
            lines.append(line.rstrip())
            line = ""
        line += layer + ", "
    lines.append(line.rstrip(", "))
    text = "\n    ".join(lines)
    return (f"{START}using namespace strata;\n\nstruct Layers : Seq<\n    {text}> {{}};\n"
            f"using Net = Network<Layers, Input<{shape}>>;\n{body}")


def block(size, out):
    """`size` layers that differ in type or shape, `out` channels at the end as at the beginning."""
    layers, channels = [], 8
    while len(layers) < size:
        layers += [f"Conv<{channels}, 3, Same>", "BatchNorm<>", "ReLU", f"Conv<{channels + 4}, 1, ReLU>"]
        channels += 8
    layers = layers[:size]
    last = max(i for i, layer in enumerate(layers) if layer.startswith("Conv"))
    kernel = layers[last].split(",", 1)[1]
    layers[last] = f"Conv<{out},{kernel}"
    return layers


def chain(count, distinct):
    """`count` layers of which `distinct` differ in type or input shape: a stem, stages that repeat a block of layers
    and halve the image between them, and a classifier."""
    if distinct < 5 or count < distinct:
        raise ValueError(f"no chain of {count} layers has {distinct} distinct ones")
    stages = 4 if distinct >= 15 else 1
    inner = distinct - 2 - (stages - 1)  # without stem, classifier and the strides between stages
    left = count - 2 - (stages - 1)
    layers = ["Conv<16, 3, Same, ReLU>"]
    for stage in range(stages):
        channels = 16 << stage
        if stage > 0:
            layers.append(f"Conv<{channels}, 3, Same, Stride<2>, ReLU>")
        size = inner // stages + (stage < inner % stages)
        length = left // stages + (stage < left % stages)
        repeated = block(size, channels)
        layers += (repeated * (length // size + 1))[:length]
    return layers + ["Softmax<10>"]


def resnet_152():
    """ResNet-152 (He et al. 2015, table 1) as a chain, its shortcuts left out: 152 layers with weights, batch
    normalisation and ReLU behind each convolution. dlib's example of that name is its counterpart."""
    layers = ["Conv<64, 7, Same, Stride<2>>", "BatchNorm<>", "ReLU", "MaxPool<2>"]
    for stage, blocks in enumerate((3, 8, 36, 3)):
        width = 64 << stage
        for b in range(blocks):
            stride = ", Stride<2>" if stage > 0 and b == 0 else ""
            for convolution in (f"Conv<{width}, 1{stride}>", f"Conv<{width}, 3, Same>", f"Conv<{4 * width}, 1>"):
                layers += [convolution, "BatchNorm<>", "ReLU"]
    return layers + ["AvgPool<7>", "Softmax<1000>"]


CHAINS = [(10, 5), *((count, distinct) for count in (50, 152, 200, 400) for distinct in (5, 30, 50))]


def programs():
    """Every program by its name, as text; an example as the path of its file."""
    found = {f"examples/{path.stem}": path for path in sorted(TOP.glob("examples/*.cpp"))}
    found["strata.hpp"] = START
    networks = {"r1": R1, "resnet_152": (resnet_152(), "224, 224, 3, Torch")}
    networks |= {f"chain_{count}x{distinct}": (chain(count, distinct), "32, 32, 3") for count, distinct in CHAINS}
    for name, (layers, shape) in networks.items():
        found[f"{name}_training"] = program(layers, shape, TRAINING)
        found[f"{name}_inference"] = program(layers, shape, INFERENCE)
    return found
