// Every figure: what its script says, and that gnuplot draws it without a word.
#include <strata/report.hpp>

#include <boost/test/unit_test.hpp>

#include "report/programs.hpp"

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

using namespace strata;

namespace {

const double nan_value = std::nan("");

History history_of(int epochs, bool validated = true) {
  History h;
  for (int e = 1; e <= epochs; ++e) {
    EpochRecord r;
    r.epoch = e;
    r.loss = 1.0 / e;
    r.accuracy = 1 - 0.5 / e;
    r.learning_rate = 0.01 / e;
    if (validated) r.validation_loss = 1.1 / e, r.validation_accuracy = 1 - 0.6 / e;
    r.best = validated && e <= 2;
    h.epochs.push_back(r);
  }
  return h;
}

// Samples of `classes` classes in turn; every fifth is taken for the next class.
Scores scores_of(int classes, int samples) {
  Scores s;
  for (int i = 0; i < samples; ++i) {
    const int label = i % classes, said = i % 5 == 4 ? (label + 1) % classes : label;
    s.labels.push_back(label);
    for (int c = 0; c < classes; ++c)
      s.values.push_back((c == said ? 0.6f : 0.1f) + 0.001f * static_cast<float>((i * 7 + c * 3) % 50));
  }
  return s;
}

Dataset images_of(int samples, Shape shape) {
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(samples * shape.size()));
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint8_t>(i * 37);
  return Dataset::own(shape, std::move(pixels));
}

// Draws with gnuplot; what it says on the way, warnings too, is an error.
std::string drawn(const Figure& figure) {
  static const Folder folder;
  static const Gnuplot loud(program(folder, "loud", "gnuplot \"$@\" 2> " + folder.file("words")));
  const std::string svg = loud.draw(figure.script);
  BOOST_TEST(get(folder.file("words")) == "");
  BOOST_TEST(svg.starts_with("<?xml"));
  BOOST_TEST(contains(svg, "</svg>"));
  return svg;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size()) ++n;
  return n;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(figures)

BOOST_AUTO_TEST_CASE(curves_leave_out_what_is_not_there) {
  BOOST_TEST(accuracy_curves({}).script == "");
  BOOST_TEST(contains(accuracy_curves(history_of(3)).script, "'validation'"));
  BOOST_TEST(!contains(accuracy_curves(history_of(3, false)).script, "'validation'"));
  BOOST_TEST(contains(loss_curves(history_of(3)).script, "1 1.1\n2 0.55\n"));
  const Series broken{"broken", {1, 2, 3}, {nan_value, HUGE_VAL, -HUGE_VAL}},
      good{"good", {1, 2, 3}, {1, nan_value, 2}};
  const std::string script = line_chart({}, {broken, good}).script;
  BOOST_TEST(!contains(script, "broken"));
  BOOST_TEST(contains(script, "1 1\n3 2\nEOD"), script);
}

BOOST_AUTO_TEST_CASE(the_last_best_epoch_is_marked) {
  BOOST_TEST(contains(accuracy_curves(history_of(3)).script, "mark << EOD\n2 0.75\nEOD"));
}

BOOST_AUTO_TEST_CASE(learning_rates_that_fall_far_are_logarithmic) {
  History h = history_of(3);
  BOOST_TEST(!contains(learning_rate_curve(h).script, "logscale"));
  h.epochs[1].learning_rate = h.epochs[2].learning_rate = 1e-4;
  BOOST_TEST(contains(learning_rate_curve(h).script, "set logscale y"));
}

BOOST_AUTO_TEST_CASE(a_range_test_is_logarithmic_and_cut_off_above) {
  const Series s{"Adam", {0, 1e-3, 1e-2, 1e-1}, {5, 2, 1, 40}, 1e-2};
  const std::string script = loss_by_learning_rate({s}).script;
  BOOST_TEST(contains(script, "set logscale x"));
  BOOST_TEST(contains(script, "set yrange [*:7.5]"), script);
  BOOST_TEST(!contains(script, "\n0 5\n"));  // no logarithm
  BOOST_TEST(contains(script, "mark << EOD\n0.01 1\n"), script);
}

BOOST_AUTO_TEST_CASE(ticks_at_whole_numbers) {
  const auto step = [](double range) { return detail::tick_step(range, 12); };
  BOOST_TEST(step(0) == 1);
  BOOST_TEST(step(12) == 1);
  BOOST_TEST(step(13) == 2);
  BOOST_TEST(step(49) == 5);
  BOOST_TEST(step(100) == 10);
  BOOST_TEST(step(999) == 100);
}

BOOST_AUTO_TEST_CASE(the_corner_is_as_large_as_the_curves_ask_for) {
  const auto side = [](double x, double y) { return detail::corner_side({{"", {0, x, 1}, {0, y, 1}}}, 0, 1); };
  BOOST_TEST(side(0, 1) == 0.01);
  BOOST_TEST(side(0.01, 0.99) == 0.05);
  BOOST_TEST(side(0.01, 0.94) == 0.2);
  BOOST_TEST(side(0.3, 0.7) == 0.4);
}

BOOST_AUTO_TEST_CASE(thinned_curves_keep_ends_and_steps) {
  detail::UnitCurve c{"", {}, {}};
  for (int i = 0; i <= 10000; ++i) {
    c.x.push_back(i / 10000.0);
    c.y.push_back(i < 5020 ? 0 : 1);
  }
  const detail::UnitCurve thin = detail::thinned(c, 0, 1, 0.01);
  BOOST_TEST(thin.x.size() < 400u);
  BOOST_TEST(thin.x.back() == 1.0);
  bool has_step = false;
  for (std::size_t i = 1; i < thin.x.size(); ++i)
    if (thin.y[i] > thin.y[i - 1]) has_step = thin.x[i] - thin.x[i - 1] < 1e-3;
  BOOST_TEST(has_step);
}

BOOST_AUTO_TEST_CASE(classes_without_samples_have_no_curve) {
  const Scores s{{0, 1, 0, 1}, {.8f, .1f, .1f, .2f, .7f, .1f, .6f, .3f, .1f, .3f, .6f, .1f}};
  BOOST_TEST(count(roc_curves(s).script, "(AUC ") == 2u);
  BOOST_TEST(count(precision_recall_curves(s).script, "(AP ") == 2u);
  BOOST_TEST(roc_curves(Scores{{0, 0}, {1, 0, 1, 0}}).script == "");
}

BOOST_AUTO_TEST_CASE(of_very_many_classes_the_worst_and_the_best_are_named) {
  for (const Figure& f : {roc_curves(scores_of(27, 400)), precision_recall_curves(scores_of(27, 400))}) {
    BOOST_TEST(count(f.script, " title '") == 27u + 1u);  // and of the corner
    BOOST_TEST(!contains(f.script, " more'"));
    BOOST_TEST(!contains(f.caption, "named"));
  }
  for (const Figure& f : {roc_curves(scores_of(100, 2000)), precision_recall_curves(scores_of(100, 2000))}) {
    BOOST_TEST(count(f.script, "notitle") >= 2u * 80u);
    BOOST_TEST(count(f.script, "title '80 more'") == 1u);
    BOOST_TEST(contains(f.caption, "Of 100 classes the 12 with the least area and the 8 with the most are named"));
    // The areas beside the names: the twelve least of all, then the eight largest.
    std::vector<double> areas;
    for (std::size_t at = 0; (at = f.script.find(f.name == "roc" ? "(AUC " : "(AP ", at)) != std::string::npos;) {
      at = f.script.find(' ', at);
      areas.push_back(std::strtod(f.script.c_str() + at, nullptr));
    }
    BOOST_REQUIRE(areas.size() == 20u);
    BOOST_TEST(std::is_sorted(areas.begin(), areas.end()));
  }
  const Scores s = scores_of(100, 2000);
  double least = 1, most = 0;
  for (int c = 0; c < 100; ++c) {
    least = std::min(least, roc_auc(s, c));
    most = std::max(most, roc_auc(s, c));
  }
  const std::string script = roc_curves(s).script;
  BOOST_TEST(contains(script, "(AUC " + detail::fixed_number(least, 5) + ")"));
  BOOST_TEST(contains(script, "(AUC " + detail::fixed_number(most, 5) + ")"));
}

BOOST_AUTO_TEST_CASE(ten_lines_differ_in_color_and_later_ones_in_dashes) {
  std::vector<std::string> styles;
  for (std::size_t k = 0; k < 20; ++k) {
    styles.push_back(detail::line_style(k));
    for (std::size_t j = 0; j < k; ++j) BOOST_TEST(styles[j] != styles[k], j << " and " << k);
  }
  BOOST_TEST(contains(styles[0], "#0072B2' dashtype 1"));
  BOOST_TEST(contains(styles[9], "#999933' dashtype (10,3)"));
}

BOOST_AUTO_TEST_CASE(names_of_lines_make_room) {
  const Series line{std::string(60, 'x'), {1, 2}, {1, 2}}, other{"y", {1, 2}, {1, 2}};
  BOOST_TEST(contains(line_chart({}, {line, other}).script, "size 980,440 "));  // 560, a key of 45 letters of 8, and 60
  BOOST_TEST(contains(line_chart({}, {other}).script, "size 720,440 "));
  BOOST_TEST(contains(line_chart({}, std::vector<Series>(30, other)).script, "size 720,680 "));
}

BOOST_AUTO_TEST_CASE(where_names_have_no_room_some_are_left_out) {
  const std::string map = confusion_heat_map(ConfusionMatrix(100)).script;  // 8 pixels a class: every second
  BOOST_TEST(contains(map, "set ytics ('0' 0, '2' 2, '4' 4,"), map);
  const std::string bars = label_bars({{"x", std::vector<std::int64_t>(200, 1)}}).script;  // 6 pixels: every third
  BOOST_TEST(contains(bars, "set xtics rotate by 90 right ('0' 0, '3' 3,"), bars);
}

BOOST_AUTO_TEST_CASE(counts_and_names) {
  ConfusionMatrix m(2);
  for (int i = 0; i < 7; ++i) m.add(1, 0);
  const std::vector<std::string> names{"cat's", "50 %"};
  const std::string script = confusion_heat_map(m, names).script;
  BOOST_TEST(contains(script, "$dark << EOD\n0 1 7\nEOD"), script);  // across: prediction 0, down: label 1
  BOOST_TEST(contains(script, "('cat''s' 0, '50 %%' 1)"), script);
  BOOST_TEST(confusion_heat_map({}).script == "");
  BOOST_TEST(label_bars({}).script == "");
  const std::vector<std::string> long_name{"\xc3\xa9" + std::string(30, 'x')};
  BOOST_TEST(detail::class_name(long_name, 0) == "\xc3\xa9" + std::string(11, 'x') + "\u2026" + std::string(11, 'x'));
  BOOST_TEST(contains(label_bars({{"a", {1}}}, long_name).script, "rotate by 90 right"));
  BOOST_TEST(!contains(label_bars({{"a", {1}}}).script, "rotate by 90 right"));
  BOOST_TEST(label_bars({{"none", {0, 0}}}).script == "");
}

BOOST_AUTO_TEST_CASE(tiles_look_as_samples_do) {
  const std::vector<float> floats{-1, 0, 1, 3};
  const Dataset grey = Dataset::view(Shape::image(2, 2, 1), floats);
  BOOST_TEST(image_tile(grey.image(0), "").rgb ==
                 (std::vector<std::uint8_t>{0, 0, 0, 64, 64, 64, 128, 128, 128, 255, 255, 255}),
             boost::test_tools::per_element());
  const std::vector<std::uint8_t> bytes{1, 2, 3, 4, 5, 6};
  const Dataset coloured = Dataset::view(Shape::image(1, 2, 3), bytes);
  BOOST_TEST(image_tile(coloured.image(0), "").rgb == bytes, boost::test_tools::per_element());
  const Dataset rows = Dataset::view(Shape::vector(6), bytes);
  const ImageTile row = image_tile(rows.image(0), "");
  BOOST_TEST(row.height == 1);
  BOOST_TEST(row.width == 6);
  BOOST_TEST(row.rgb.size() == 18u);
  BOOST_CHECK_THROW(image_grid("x", {ImageTile{2, 2, {0, 0, 0}, "", false}}), Error);
}

BOOST_AUTO_TEST_CASE(captions_stand_below_their_image_in_lines) {
  const ImageTile tile{28, 28, std::vector<std::uint8_t>(28 * 28 * 3), "above\nbelow", false};
  const std::string script = image_grid("x", {tile}).script;
  BOOST_TEST(contains(script, "size 100,135 "), script);  // 84 pixels of image, 35 of text, a gap of 12, a margin of 4
  BOOST_TEST(contains(script, "set label 'above' at 48,102 "), script);
  BOOST_TEST(contains(script, "set label 'below' at 48,117 "), script);
}

BOOST_AUTO_TEST_CASE(predictions_say_what_is_wrong) {
  const Scores s{{0, 1, 1}, {.9f, .1f, .75f, .25f, .6f, .4f}};
  const Dataset data = images_of(3, Shape::image(2, 2, 1));
  const std::vector<std::int64_t> all{0, 1, 2};
  const std::vector<ImageTile> tiles = prediction_tiles(data, s, all);
  BOOST_TEST(tiles[0].caption == "0 (90.0 %)");
  BOOST_TEST(!tiles[0].marked);
  BOOST_TEST(tiles[1].caption == "0 (75.0 %), is 1");
  BOOST_TEST(tiles[1].marked);
  const std::vector<std::string> names{"trousers", "coat"};
  BOOST_TEST(prediction_tiles(data, s, all, names)[1].caption == "trousers (75.0 %)\nis coat");
  BOOST_TEST(misclassified(s) == (std::vector<std::int64_t>{1, 2}), boost::test_tools::per_element());
  BOOST_TEST(misclassified(s, 1).size() == 1u);
  BOOST_CHECK_THROW(prediction_tiles(data.take(2), s, all), Error);
}

BOOST_AUTO_TEST_CASE(filters_are_height_width_channels_count) {
  std::vector<float> values(2 * 1 * 1 * 3);
  values[static_cast<std::size_t>(1 * 3 + 2)] = -2;  // second row, filter 2
  values[0] = 1;                                     // first row, filter 0
  const Filters f{2, 1, 1, 3, values};
  BOOST_TEST(f.at(1, 0, 0, 2) == -2.0f);
  const ImageTile tile = detail::signed_tile(1, 3, std::vector<float>{-2, 0, 1}, 2, "");
  BOOST_TEST(tile.rgb == (std::vector<std::uint8_t>{0, 90, 160, 255, 255, 255, 217, 162, 128}),
             boost::test_tools::per_element());
  BOOST_CHECK_THROW((filter_grid("x", Filters{2, 2, 1, 3, values})), Error);
}

BOOST_AUTO_TEST_CASE(an_effect_is_the_correlation) {
  // One pixel of light at (0, 1); the filter takes the pixel above: the light moves down by one.
  const std::vector<float> light{0, 1, 0, 0, 0, 0, 0, 0, 0}, above{1, 0, 0};
  const Dataset data = Dataset::view(Shape::image(3, 3, 1), light);
  const std::vector<float> map = filter_response(data.image(0), {3, 1, 1, 1, above}, 0);
  BOOST_TEST(map == (std::vector<float>{0, 0, 0, 0, 1, 0, 0, 0, 0}), boost::test_tools::per_element());
  BOOST_CHECK_THROW(filter_effects("x", data.image(0), {1, 1, 3, 1, above}), Error);
}

BOOST_AUTO_TEST_CASE(gnuplot_draws_all_of_them, *boost::unit_test::precondition(gnuplot_is_there)) {
  const std::vector<std::string> names{"it's", "100 % \"x\"", "`date` & <b>"};
  for (const int epochs : {1, 2, 100})
    for (const Figure& f : {accuracy_curves(history_of(epochs)), loss_curves(history_of(epochs, false)),
                            learning_rate_curve(history_of(epochs))})
      drawn(f);
  drawn(loss_by_learning_rate({{"a_b", {1e-6, 1e-3, 10}, {2, 1, 9}, 1e-3}, {"c", {1e-6}, {2}}}));
  for (const int classes : {2, 3, 10, 40}) {
    const Scores s = scores_of(classes, 400);
    drawn(roc_curves(s, names));
    drawn(precision_recall_curves(s, names));
    const std::string svg = drawn(confusion_heat_map(confusion_matrix(s), names));
    BOOST_TEST(contains(svg, "100 % \"x\""));
  }
  drawn(roc_curves(scores_of(100, 2000)));
  drawn(precision_recall_curves(scores_of(100, 2000)));
  const Scores sure{{0, 1}, {1, 0, 0, 1}};
  drawn(roc_curves(sure));
  drawn(precision_recall_curves(sure));
  drawn(label_bars({{"training", {5, 0, 123456789}}}, names));
  drawn(label_bars({{"empty", {}}, {"a", {1, 2}}}));
  drawn(label_bars({{"a", {1, 2}}, {"b", {3, 4, 5}}, {"c", {}}}));
  drawn(confusion_heat_map(ConfusionMatrix(1)));  // gnuplot 5.4 crashes on a plot of labels without a point
  ConfusionMatrix all_right(1);
  all_right.add(0, 0);
  drawn(confusion_heat_map(all_right));
}

BOOST_AUTO_TEST_CASE(gnuplot_draws_images, *boost::unit_test::precondition(gnuplot_is_there)) {
  for (const Shape shape : {Shape::image(28, 28, 1), Shape::image(1, 1, 1), Shape::image(1, 50, 3), Shape::vector(7)}) {
    std::vector<ImageTile> tiles;
    const Dataset data = images_of(5, shape);
    for (int i = 0; i < 5; ++i) tiles.push_back(image_tile(data.image(i), i == 2 ? "" : "it's <one>\nbelow", i == 1));
    const std::string svg = drawn(image_grid("x", tiles));
    BOOST_TEST(count(svg, "<image ") == 5u);
    BOOST_TEST(count(svg, "it's &lt;one>") == 4u);
    BOOST_TEST(count(svg, ">below<") == 4u);
  }
  const std::vector<float> values(3 * 3 * 2 * 4, 0.5f);
  drawn(filter_grid("f", {3, 3, 2, 4, values}));
  drawn(filter_effects("e", images_of(1, Shape::image(6, 5, 2)).image(0), {3, 3, 2, 4, values}));
}

BOOST_AUTO_TEST_SUITE_END()
