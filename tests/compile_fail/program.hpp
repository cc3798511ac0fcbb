// The program around the network `Net`: what its user goes on to do with it. None of this may add to the one error.
// Each case includes it, and all twins stand in one file, so it has no guard.

int main() {
  const Dataset train = synthetic_digits(1000, 1), test = synthetic_digits(200, 1, 1000);
  Model<Net> model{seed(42), threads(1)};
  const History history =
      fit(model, train, Adam{.learning_rate = 1e-3}, {.epochs = 2, .batch = 64, .validation = test});
  print(evaluate(model, test));
  const std::array<float, 10> p = predict(model, test.image(0));
  const std::vector<float> all = predict(model, test);
  Predictor<Net> predictor{model};
  const std::array<float, 10> folded = predict(predictor, test.image(1));
  save(model, "digits.safetensors");
  load(model, "digits.safetensors");
  print(describe<Net>(Details::groups | Details::memory));
  constexpr std::int64_t numbers = Net::parameter_count + Net::trainable_count + Net::parameter_count_at<0> +
                                   Net::flops + Net::training_flops + Net::groups<Mode::training>;
  constexpr std::size_t bytes = Net::inference_bytes(32) + Net::training_bytes(128, Adam{});
  const bool learnt = !history.epochs.empty() && p[0] + all[0] + folded[0] + model.tensor("dense_1/kernel")[0] > 1;
  return learnt && numbers > 0 && bytes > 0 ? Net::output.channels : 0;
}
