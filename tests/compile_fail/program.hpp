// The program around the network `Net`: what its user goes on to do with it. None of this may add to the one error.
// Included by every case, and with its twins' names by all twins at once, so it may stand there more than once.

int main() {
  const Dataset train = synthetic_digits(1000, 1), test = synthetic_digits(200, 1, 1000);
  Model<Net> model{seed(42), threads(1)};
  const History history = fit(model, train, Adam{.learning_rate = 1e-3}, {.epochs = 2, .batch = 64, .validation = test});
  print(evaluate(model, test));
  const std::array<float, 10> p = predict(model, test.image(0));
  const std::vector<float> all = predict(model, test);
  constexpr std::int64_t numbers = Net::parameter_count + Net::trainable_count + Net::parameter_count_at<0> + Net::flops +
                                   Net::training_flops + Net::groups<Mode::training>;
  constexpr std::size_t bytes = Net::inference_bytes(32) + Net::training_bytes(128, Adam{});
  return p[0] + all[0] > 2 && history.epochs.empty() && numbers > 0 && bytes > 0 ? Net::output.channels : 0;
}
