// Classifier: what it says of a picture is what predict says, from a file, bytes, pixels and views; by many threads at
// once; and a folder becomes a table, broken pictures and hostile names included.
#ifdef STRATA_WITH_STB
#define STB_IMAGE_IMPLEMENTATION
#endif
#include <strata/model/classify_folder.hpp>
#include <strata/strata.hpp>

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <cmath>
#include <filesystem>
#include <limits>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "data/picture_files.hpp"
#include "io/folder.hpp"

using namespace strata;

namespace {

using In = Input<6, 6, 1>;
using Net = Network<Seq<Conv<4, 3, ReLU>, Dense<3>, Softmax<>>, In>;
using Logarithms = Network<Seq<Conv<4, 3, ReLU>, Dense<3>, LogSoftmax<>>, In>;
using Logits = Network<Seq<Conv<4, 3, ReLU>, Dense<3>>, In>;
using OneOutput = Network<Seq<Dense<1, Sigmoid>>, In>;

const std::vector<std::string> names{"red, or so", "green", "\"blue\""};

/// A grey picture whose pixels differ.
Picture picture(int height, int width, int salt = 0) {
  Picture p{Shape::image(height, width, 1), {}};
  for (int i = 0; i < height * width; ++i) p.bytes.push_back(static_cast<std::uint8_t>(i * 37 + salt * 91));
  return p;
}

std::string png_of(const Picture& p) {
  return picture_files::png(static_cast<std::uint32_t>(p.shape.height), static_cast<std::uint32_t>(p.shape.width), 8, 0,
                            {p.bytes.begin(), p.bytes.end()});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(classifier)

BOOST_AUTO_TEST_CASE(it_says_what_predict_says_whatever_the_network_ends_in) {
  Model<Net> model{seed(3), threads(1)};
  Model<Logarithms> logarithms{seed(3), threads(1)};
  Model<Logits> logits{seed(3), threads(1)};
  const Picture p = picture(6, 6);
  const auto expected = predict(model, p.sample());
  const auto check = [&](const std::vector<float>& got) {
    BOOST_REQUIRE(got.size() == 3u);
    for (std::size_t c = 0; c < 3; ++c) BOOST_TEST(std::abs(got[c] - expected[c]) < 1e-6f);
  };
  check(Classifier<Net>(model).probabilities(p));
  check(Classifier<Logarithms>(logarithms).probabilities(p));
  check(Classifier<Logits>(logits).probabilities(p));
  check(Classifier<Net>(model).probabilities(p.sample()));
  std::vector<float> floats(36);
  for (std::size_t i = 0; i < 36; ++i) floats[i] = static_cast<float>(p.bytes[i]) / 255;
  check(Classifier<Net>(model).probabilities(Sample{Net::input_shape, {}, floats}));

  Model<OneOutput> one{seed(3), threads(1)};
  const std::vector<float> two = Classifier<OneOutput>(one, {.classes = {"no", "yes"}}).probabilities(p);
  BOOST_TEST(two[1] == predict(one, p.sample())[0]);
  BOOST_TEST(two[0] == 1 - two[1]);
}

BOOST_AUTO_TEST_CASE(the_likeliest_come_first_with_their_names) {
  Model<Net> model{seed(4), threads(1)};
  const Classifier<Net> classifier(model, {.classes = names});
  const std::vector<float> p = classifier.probabilities(picture(6, 6));
  const auto all = classifier.top(picture(6, 6), 99);
  BOOST_REQUIRE(all.size() == 3u);
  for (std::size_t k = 0; k < 3; ++k) {
    BOOST_TEST(all[k].probability == p[static_cast<std::size_t>(all[k].label)]);
    BOOST_TEST(all[k].name == names[static_cast<std::size_t>(all[k].label)]);
    if (k > 0) BOOST_TEST(all[k].probability <= all[k - 1].probability);
  }
  BOOST_TEST(classifier.top(picture(6, 6), 2).size() == 2u);
  BOOST_TEST(classifier.top(picture(6, 6)).size() == 1u);
  std::ranges::fill(model.parameters(), 0.0f);
  BOOST_TEST(Classifier<Net>(model).top(picture(6, 6), 3)[1].name == "1");  // no names: numbers; equals in order
}

BOOST_AUTO_TEST_CASE(pixels_of_other_sizes_are_fitted_as_folders_are) {
  Model<Net> model{seed(3), threads(1)};
  const Picture wide = picture(9, 20);
  for (const Fit fit : {Fit::stretch, Fit::crop, Fit::pad})
    for (const Resample how : {Resample::bilinear, Resample::area}) {
      const Classifier<Net> classifier(model, {.fit = fit, .resampling = how});
      const Picture as_net = fitted(wide, Net::input_shape, fit, how);
      BOOST_TEST((classifier.probabilities(wide) == classifier.probabilities(as_net)));
      BOOST_TEST((classifier.probabilities(wide.sample()) == classifier.probabilities(as_net)));
    }
  const Classifier<Net> classifier(model);
  BOOST_CHECK_THROW(classifier.probabilities(Picture{Shape::image(3, 3, 1), {1, 2}}), Error);
  const std::vector<float> floats(4);
  BOOST_CHECK_THROW(classifier.probabilities(Sample{Shape::image(2, 2, 1), {}, floats}), Error);
}

BOOST_AUTO_TEST_CASE(weights_and_names_come_from_a_file) {
  const Folder folder;
  Model<Net> model{seed(3), threads(1)};
  save(model, folder.file("named"), {.classes = names});
  save(model, folder.file("nameless"));
  const Classifier<Net> of_model(model), named(folder.file("named"));
  BOOST_TEST((named.probabilities(picture(6, 6)) == of_model.probabilities(picture(6, 6))));
  BOOST_TEST(named.classes() == names, boost::test_tools::per_element());
  BOOST_TEST(Classifier<Net>(folder.file("nameless")).classes()[2] == "2");
  BOOST_TEST(Classifier<Net>(folder.file("named"), {.classes = {"a", "b", "c"}}).classes()[2] == "c");
  BOOST_TEST(message_of<Error>([&] { Classifier<Net>(folder.file("named"), {.classes = {"a"}}); }) ==
             folder.file("named") +
                 ": not loaded: 1 class names for a network that tells 3 classes apart; the first is 'a'");
  BOOST_CHECK_THROW(Classifier<Net>(model, {.classes = {"a", "b", "c\n"}}), Error);
  // Hostile: other names than the network has classes, or none at all.
  const safetensors::File file = safetensors::File::read(folder.file("named"));
  for (const char* text : {"[\"a\"]", "[]x", "[\"a\", \"b\", \"\\u0007\"]"}) {
    safetensors::Metadata metadata = file.metadata();
    for (auto& [key, value] : metadata)
      if (key == "class_names") value = text;
    safetensors::write(folder.file("hostile"), metadata, file.tensors());
    const std::string refused = message_of<Error>([&] { Classifier<Net>{folder.file("hostile")}; });
    BOOST_TEST(refused.starts_with(folder.file("hostile") + ": not loaded: "), refused);
  }
}

BOOST_AUTO_TEST_CASE(many_threads_use_one_classifier) {
  Model<Net> model{seed(5), threads(1)};
  const Classifier<Net> classifier(model);
  std::vector<std::vector<float>> expected;
  for (int i = 0; i < 8; ++i) expected.push_back(classifier.probabilities(picture(6 + i, 6, i)));
  std::atomic<int> wrong{0};
  std::vector<std::thread> all;
  for (int t = 0; t < 6; ++t)
    all.emplace_back([&, t] {
      for (int i = 0; i < 200; ++i) {
        const int n = (i + t) % 8;
        if (classifier.probabilities(picture(6 + n, 6, n)) != expected[static_cast<std::size_t>(n)]) ++wrong;
      }
    });
  for (std::thread& t : all) t.join();
  BOOST_TEST(wrong == 0);
}

#ifdef STRATA_WITH_STB

BOOST_AUTO_TEST_CASE(files_and_their_bytes_are_pictures_too) {
  const Folder folder;
  Model<Net> model{seed(3), threads(1)};
  const Classifier<Net> classifier(model);
  const Picture p = picture(7, 5);
  const std::string bytes = png_of(p);
  put(folder.file("p.png"), bytes);
  BOOST_TEST((classifier.probabilities(folder.file("p.png")) == classifier.probabilities(p)));
  BOOST_TEST((classifier.probabilities(std::as_bytes(std::span(bytes))) == classifier.probabilities(p)));
  BOOST_CHECK_THROW(classifier.top(folder.file("nothing.png")), Error);
  BOOST_CHECK_THROW(classifier.top(std::as_bytes(std::span(bytes)).first(30)), Error);
}

BOOST_AUTO_TEST_CASE(a_folder_becomes_a_table) {
  const Folder folder;
  Model<Net> model{seed(3), threads(1)};
  const Classifier<Net> classifier(model, {.classes = names});
  namespace fs = std::filesystem;
  fs::create_directories(folder.path / "in/deeper");
  fs::create_directories(folder.path / "in/.hidden");
  const std::vector<std::string> files{"a.png", "b, \"c\"\n.png", "broken.png", "deeper/z.PNG"};
  for (std::size_t i = 0; i < files.size(); ++i)
    put(folder.file("in/" + files[i]), png_of(picture(4, 9, static_cast<int>(i))));
  put(folder.file("in/broken.png"), "\x89PNG, or so");
  put(folder.file("in/.hidden/x.png"), "no");
  put(folder.file("in/notes.txt"), "no");
  put(folder.file("out.csv"), "old");
  const auto line = [&](std::size_t i, const std::string& field) {
    std::string text = field;
    for (const ClassProbability& c : classifier.top(folder.file("in/" + files[i]), 2)) {
      char number[32];
      std::snprintf(number, sizeof number, "%.6f", static_cast<double>(c.probability));
      const std::string quoted = c.label == 0 ? "\"red, or so\"" : c.label == 2 ? "\"\"\"blue\"\"\"" : "green";
      text += "," + quoted + "," + number;
    }
    return text + ",\n";
  };
  std::size_t calls = 0, last = 0;
  const ClassifiedFolder done =
      classify_folder(classifier, folder.file("in/"), folder.file("out.csv"),
                      {.top = 2, .threads = 3, .progress = [&](std::size_t n, std::size_t all) {
                         ++calls;
                         last = n;
                         BOOST_TEST(all == 4u);
                       }});
  BOOST_TEST(done.pictures == 4u);
  BOOST_TEST(!done.stopped);
  BOOST_REQUIRE(done.broken.size() == 1u);
  BOOST_TEST(done.broken[0].starts_with(folder.file("in/broken.png") + ": "));
  BOOST_TEST(calls == 4u);
  BOOST_TEST(last == 4u);
  const std::string error =
      done.broken[0].find_first_of(",\"") == std::string::npos ? done.broken[0] : "\"" + done.broken[0] + "\"";
  BOOST_TEST(get(folder.file("out.csv")) == "file,class,probability,class_2,probability_2,error\n" + line(0, "a.png") +
                                                line(1, "\"b, \"\"c\"\"\n.png\"") + "broken.png,,,,," + error + "\n" +
                                                line(3, "deeper/z.PNG"));
  BOOST_TEST(folder.names().size() == 2u);  // nothing lies beside them
}

BOOST_AUTO_TEST_CASE(a_folder_that_is_stopped_or_cannot_be_done) {
  const Folder folder;
  Model<Net> model{seed(3), threads(1)};
  const Classifier<Net> classifier(model);
  std::filesystem::create_directories(folder.path / "in");
  for (const char* name : {"in/1.png", "in/2.png", "in/3.png"}) put(folder.file(name), png_of(picture(4, 4)));
  std::atomic<bool> stop{false};
  const ClassifiedFolder some =
      classify_folder(classifier, folder.file("in"), folder.file("some.csv"),
                      {.threads = 1, .stop = &stop, .progress = [&](std::size_t n, std::size_t) { stop = n == 2; }});
  BOOST_TEST(some.stopped);
  BOOST_TEST(some.pictures == 2u);
  const std::string text = get(folder.file("some.csv"));
  BOOST_TEST(std::count(text.begin(), text.end(), '\n') == 3);
  BOOST_TEST(text.find("2.png,") != std::string::npos);
  BOOST_TEST(text.find("3.png,") == std::string::npos);
  // What the caller throws comes out, and an older table stays.
  BOOST_CHECK_THROW(
      classify_folder(classifier, folder.file("in"), folder.file("some.csv"),
                      {.progress = [](std::size_t, std::size_t) { throw std::runtime_error("no more"); }}),
      std::runtime_error);
  BOOST_TEST(get(folder.file("some.csv")) == text);
  BOOST_CHECK_THROW(classify_folder(classifier, folder.file("nowhere"), folder.file("x.csv")), Error);
  BOOST_CHECK_THROW(classify_folder(classifier, folder.file("in"), folder.file("in")), Error);
  BOOST_CHECK_THROW(classify_folder(classifier, folder.file("in"), folder.file("no/x.csv")), Error);
  std::filesystem::create_directories(folder.path / "empty");
  BOOST_CHECK_THROW(classify_folder(classifier, folder.file("empty"), folder.file("x.csv")), Error);
  BOOST_TEST(folder.names().size() == 3u);
}

#endif

BOOST_AUTO_TEST_SUITE_END()
