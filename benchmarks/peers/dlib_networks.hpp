// The reference models in dlib's types. Layers read from the last to the first.
#pragma once

#include <dlib/dnn.h>

namespace bench {

using namespace dlib;

template <int F, int Padding, class S>
using conv3 = add_layer<con_<F, 3, 3, 1, 1, Padding, Padding>, S>;
template <class S>
using pool2 = add_layer<max_pool_<2, 2, 2, 2, 0, 0>, S>;

/// How layers that differ between training and prediction are written: batch normalisation and dropout while training.
struct Training {
  template <class S>
  using normalised = bn_fc<S>;
  template <class S>
  using dropped = dropout<S>;
};

/// Running averages as one multiply and add, no dropout.
struct Prediction {
  template <class S>
  using normalised = affine<S>;
  template <class S>
  using dropped = S;
};

using digit = input<matrix<float>>;
using photo = input<std::array<matrix<float>, 3>>;

/// The hidden layers of each row, on `In`; the last fc of 10 and the loss come on top.
template <class M, class In>
using r1_hidden = relu<fc<100, pool2<relu<conv3<32, 0, In>>>>>;
template <class M, class In>
using r2_hidden = relu<fc<397, relu<fc<397, In>>>>;

template <class M, class In>
using r5_images = typename M::template dropped<
    pool2<leaky_relu<conv3<128, 0, typename M::template dropped<pool2<leaky_relu<conv3<64, 0, In>>>>>>>>;
template <class M, class In>
using r5_hidden = typename M::template normalised<typename M::template dropped<
    relu<typename M::template normalised<fc<128, typename M::template normalised<r5_images<M, In>>>>>>>;

template <class M, class In>
using r6_hidden = typename M::template dropped<relu<
    fc<64, typename M::template dropped<relu<fc<128, pool2<relu<conv3<64, 0, pool2<relu<conv3<32, 0, In>>>>>>>>>>>>;

template <int F, class S>
using vgg = relu<conv3<F, 1, S>>;
template <class In>
using vgg_front = pool2<vgg<128, vgg<128, pool2<vgg<64, vgg<64, In>>>>>>;
template <class In>
using vgg_middle = pool2<vgg<512, vgg<512, vgg<512, pool2<vgg<256, vgg<256, vgg<256, vgg_front<In>>>>>>>>>;
template <class M, class In>
using r13_hidden = relu<fc<256, pool2<vgg<512, vgg<512, vgg<512, vgg_middle<In>>>>>>>;

template <class M>
using R1 = loss_multiclass_log<fc<10, r1_hidden<M, digit>>>;
template <class M>
using R2 = loss_multiclass_log<fc<10, r2_hidden<M, digit>>>;
template <class M>
using R5 = loss_multiclass_log<typename M::template normalised<fc<10, r5_hidden<M, digit>>>>;
template <class M>
using R6 = loss_multiclass_log<fc<10, r6_hidden<M, digit>>>;
template <class M>
using R13 = loss_multiclass_log<fc<10, r13_hidden<M, photo>>>;

}  // namespace bench
