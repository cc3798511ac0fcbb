// Batch normalisation from its formula.
#pragma once

#include <reference/tensor.hpp>

namespace reference {

/// y = gamma (x - mean) / sqrt(variance + epsilon) + beta, for each channel. Parameters: gamma, beta, moving_mean,
/// moving_variance. In training mean and variance are the batch's and the moving ones follow; else the moving ones.
struct BatchNorm : Layer {
  bool training;
  double momentum, epsilon;

  BatchNorm(int channels, bool train, double m, double e) : training(train), momentum(m), epsilon(e) {
    for (int p = 0; p < 4; ++p) parameters.emplace_back(1, 1, 1, channels);
  }

  Tensor forward(const Tensor& x) override {
    input = x;
    mean = Tensor(1, 1, 1, x.channels());
    variance = mean;
    inverse = mean;
    if (training)
      measure();
    else
      mean = parameters[2], variance = parameters[3];
    for (std::size_t c = 0; c < mean.size(); ++c) {
      // d (v + e)^-1/2 = -1/2 (v + e)^-3/2 dv
      const double r = 1 / std::sqrt(variance.value[c] + epsilon);
      inverse.value[c] = r;
      inverse.terms[c] = r + 0.5 * r * r * r * (variance.terms[c] + epsilon);
    }
    Tensor y = x.like();
    for (std::size_t i = 0; i < y.size(); ++i) {
      const std::size_t c = i % mean.size();
      y.add(i, parameters[1], c);
      y.value[i] += parameters[0].value[c] * normalised(i);
      y.terms[i] += parameters[0].terms[c] * normalised_terms(i);
    }
    return y;
  }

  /// With h = (x - mean) r, r = 1 / sqrt(variance + epsilon), in training:
  /// dbeta = sum dy, dgamma = sum dy h, dx = gamma r (dy - dbeta / N - h dgamma / N).
  Tensor backward(const Tensor& dy) override {
    Tensor dgamma(1, 1, 1, dy.channels()), dbeta = dgamma, dx = dy.like();
    for (std::size_t i = 0; i < dy.size(); ++i) {
      const std::size_t c = i % mean.size();
      dbeta.add(c, dy, i);
      dgamma.value[c] += dy.value[i] * normalised(i);
      dgamma.terms[c] += dy.terms[i] * normalised_terms(i);
    }
    for (std::size_t i = 0; i < dy.size(); ++i) {
      const std::size_t c = i % mean.size();
      const double n = values(), share = training ? 1 / n : 0;
      const double rest = dy.value[i] - share * (dbeta.value[c] + normalised(i) * dgamma.value[c]);
      const double rest_terms = dy.terms[i] + share * (dbeta.terms[c] + normalised_terms(i) * dgamma.terms[c]);
      dx.value[i] = parameters[0].value[c] * inverse.value[c] * rest;
      dx.terms[i] = parameters[0].terms[c] * (inverse.value[c] * rest_terms + inverse.terms[c] * std::abs(rest));
    }
    gradients = {dgamma, dbeta, Tensor{}, Tensor{}};
    return dx;
  }

 private:
  Tensor input, mean, variance, inverse;

  /// Numbers that a channel's statistics are of.
  double values() const { return static_cast<double>(input.size() / mean.size()); }

  double centred(std::size_t i) const { return input.value[i] - mean.value[i % mean.size()]; }
  double centred_terms(std::size_t i) const { return input.terms[i] + mean.terms[i % mean.size()]; }
  double normalised(std::size_t i) const { return centred(i) * inverse.value[i % mean.size()]; }
  double normalised_terms(std::size_t i) const {
    const std::size_t c = i % mean.size();
    return centred_terms(i) * inverse.value[c] + std::abs(centred(i)) * inverse.terms[c];
  }

  void measure() {
    for (std::size_t i = 0; i < input.size(); ++i) mean.add(i % mean.size(), input, i, 1 / values());
    for (std::size_t i = 0; i < input.size(); ++i) {
      // d (d^2) = 2 |d| dd
      variance.value[i % mean.size()] += centred(i) * centred(i) / values();
      variance.terms[i % mean.size()] += 2 * std::abs(centred(i)) * centred_terms(i) / values();
    }
    // moving = m moving + batch - m batch
    for (std::size_t c = 0; c < mean.size(); ++c)
      for (const std::size_t p : {std::size_t{2}, std::size_t{3}}) {
        const Tensor& batch = p == 2 ? mean : variance;
        Tensor& moving = parameters[p];
        moving.value[c] = momentum * moving.value[c] + (1 - momentum) * batch.value[c];
        moving.terms[c] = momentum * moving.terms[c] + (1 + momentum) * batch.terms[c];
      }
  }
};

}  // namespace reference
