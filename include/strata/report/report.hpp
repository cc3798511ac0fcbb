// Report: a folder with everything that a run came to, for people and for programs.
#pragma once

#include <strata/core/error.hpp>
#include <strata/core/file.hpp>
#include <strata/core/text.hpp>
#include <strata/report/counts.hpp>
#include <strata/report/curves.hpp>
#include <strata/report/gnuplot.hpp>
#include <strata/report/html.hpp>
#include <strata/report/numbers.hpp>
#include <strata/report/thresholds.hpp>
#include <strata/report/tiles.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

namespace strata {

/// Collects what a run came to and writes it into one folder: history.csv, metrics.json, a picture NAME.svg for each
/// figure, and report.html, which shows all of it without any other file.
///
///     Report report("runs/monday", "The tuned network");
///     report.add_fact("parameters", Net::parameter_count);
///     report.add_history(history);
///     report.add_evaluation(evaluate(model, test));
///     const Scores of_test = scores(model, test);
///     report.add_scores(of_test);
///     report.add_predictions(test, of_test);
///     report.add_figure(filter_grid("First filters", {5, 5, 1, 32, model.tensor("conv_1/kernel")}));
///     report.write();
///
/// The page has the order in which things were added. Pictures take gnuplot; without it write() makes everything else
/// and says in one line what is missing.
class Report {
 public:
  /// A report for that folder, which need not exist. `classes` are what classes are called, else their numbers.
  explicit Report(std::string folder, std::string title, std::vector<std::string> classes = {},
                  Gnuplot gnuplot = Gnuplot())
      : folder_(std::move(folder)),
        title_(std::move(title)),
        classes_(std::move(classes)),
        gnuplot_(std::move(gnuplot)) {}

  /// A name and a value for the head of the page and for metrics.json: a text, a number, or a truth, which the page
  /// calls yes or no. The last value of a name counts.
  [[gnu::cold]] void add_fact(std::string name, std::string_view value) {
    set_fact({std::move(name), std::string(value), {}, {}});
  }
  [[gnu::cold]] void add_fact(std::string name, double value) {
    set_fact({std::move(name), detail::shown_number(value), value, {}});
  }
  template <std::integral T>  // of any width, to the last digit
  [[gnu::cold]] void add_fact(std::string name, T value) {
    if constexpr (std::is_same_v<T, bool>)
      set_fact({std::move(name), value ? "yes" : "no", {}, value ? "true" : "false"});
    else
      set_fact({std::move(name), std::to_string(value), {}, std::to_string(value)});
  }

  /// What fit returned: history.csv, and accuracy, loss and learning rate by epoch. The last one counts.
  [[gnu::cold]] void add_history(const History& history) {
    history_ = history;
    add_figure(accuracy_curves(history));
    add_figure(loss_curves(history));
    add_figure(learning_rate_curve(history));
    sections_.push_back({{"", "Epochs", "", ""}, detail::page_epochs(history)});
  }

  /// What evaluate returned: the classification report and the confusion matrix.
  [[gnu::cold]] void add_evaluation(const Evaluation& evaluation) {
    evaluations_.push_back(evaluation);
    add_text("Evaluation", joined({"accuracy ", detail::fixed_number(evaluation.accuracy, 4), "   loss ",
                                   detail::fixed_number(evaluation.loss, 4), "   ", evaluation.samples, " samples\n\n",
                                   classification_report(evaluation.confusion, 4, classes_)}));
    add_figure(confusion_heat_map(evaluation.confusion, classes_));
  }

  /// What scores returned: ROC and precision-recall curves.
  [[gnu::cold]] void add_scores(const ScoresView& of) {
    scores_.push_back({{of.labels().begin(), of.labels().end()}, {of.values().begin(), of.values().end()}});
    add_figure(roc_curves(of, classes_));
    add_figure(precision_recall_curves(of, classes_));
  }

  /// How often each label occurs: add_labels({{"training", label_counts(train)}, {"test", label_counts(test)}}).
  [[gnu::cold]] void add_labels(const std::vector<LabelCounts>& sets) {
    for (LabelCounts set : sets) {
      set.of = detail::printable(set.of);
      std::erase_if(labels_, [&](const LabelCounts& l) { return l.of == set.of; });
      labels_.push_back(std::move(set));
    }
    add_figure(label_bars(sets, classes_));
  }

  /// The first samples with their predictions, and the mistakes that the model is surest of.
  [[gnu::cold]] void add_predictions(const Dataset& data, const ScoresView& of, std::size_t most = 25) {
    std::vector<std::int64_t> first(std::min(most, static_cast<std::size_t>(of.size())));
    std::iota(first.begin(), first.end(), std::int64_t{0});
    const std::vector<std::int64_t> wrong = misclassified(of, most);
    add_images("Samples and predictions", prediction_tiles(data, of, first, classes_),
               "The first samples; mistakes are framed in orange.");
    add_images("Mistakes", prediction_tiles(data, of, wrong, classes_),
               "Wrong answers, those first that the model is surest of.");
  }

  /// A grid of images.
  [[gnu::cold]] void add_images(std::string heading, const std::vector<ImageTile>& tiles, std::string caption = "") {
    add_figure(image_grid(std::move(heading), tiles, 0, std::move(caption)));
  }

  /// Any other picture. One without script is left out. Without a name its file is called after the heading, and
  /// without a heading the name stands there.
  [[gnu::cold]] void add_figure(Figure figure) {
    if (figure.script.empty()) return;
    if (figure.name.empty()) figure.name = detail::file_name_of(figure.heading);
    if (figure.heading.empty()) figure.heading = figure.name;
    const std::string name = figure.name;
    const auto is_taken = [&](const Section& s) { return s.figure.name == figure.name; };
    for (int k = 2; std::any_of(sections_.begin(), sections_.end(), is_taken); ++k)
      figure.name = joined({name, "-", k});
    sections_.push_back({std::move(figure), ""});
  }

  /// A text whose columns stay below one another: to_string of a search's results.
  [[gnu::cold]] void add_text(std::string heading, std::string_view text) {
    sections_.push_back({{"", std::move(heading), "", ""}, detail::page_text(text)});
  }

  /// Writes all files, each aside first, and prints a line on standard error for what could not be drawn. Throws Error
  /// where a file cannot be written.
  [[gnu::cold]] void write() {
    std::error_code failed;
    std::filesystem::create_directories(folder_, failed);
    if (failed) throw Error(joined({folder_, ": cannot create the folder: ", failed.message()}));
    notes_.clear();
    if (history_) write_file("history.csv", history_csv(*history_));
    std::string body;
    for (const Section& s : sections_)
      body += detail::page_section(s.figure.heading, s.figure.name.empty() ? s.html : drawn(s.figure));
    write_file("metrics.json", metrics());
    std::string page = detail::page_head(title_);
    std::vector<std::pair<std::string, std::string>> facts;
    for (const Fact& f : facts_) facts.emplace_back(f.name, f.text);
    page += detail::page_facts(facts);
    for (const std::string& note : notes_) {
      append(page, {"<p class=\"note\">", detail::html_quoted(note), "</p>\n"});
      std::fprintf(stderr, "%s: %s\n", folder_.c_str(), note.c_str());
    }
    write_file("report.html", page + body + "</body>\n</html>\n");
  }

  /// What the last write() could not draw, and why.
  const std::vector<std::string>& notes() const { return notes_; }

 private:
  struct Fact {
    std::string name, text;
    std::optional<double> number;  // in metrics.json, in place of the text
    std::string json;              // likewise
  };
  struct Section {
    Figure figure;     // without a name where there is none
    std::string html;  // instead of it
  };

  [[gnu::cold]] void set_fact(Fact fact) {  // JSON takes a name once
    fact.name = detail::printable(fact.name);
    std::erase_if(facts_, [&](const Fact& f) { return f.name == fact.name; });
    facts_.push_back(std::move(fact));
  }

  [[gnu::cold]] void write_file(const char* name, std::string_view content) {
    FileWriter file(joined({folder_, "/", name}));
    file.write(content);
    file.commit();
  }

  // The figure's part of the page; its file is written.
  [[gnu::cold]] std::string drawn(const Figure& figure) {
    if (!gnuplot_.is_there()) {
      if (notes_.empty()) notes_.emplace_back(Gnuplot::missing);
      return "<p class=\"note\">This picture was not drawn.</p>\n";
    }
    std::string svg;
    try {
      svg = detail::with_sharp_pixels(gnuplot_.draw(figure.script));
    } catch (const Error& e) {
      notes_.push_back(joined({figure.name, ".svg: ", e.what()}));
      return "<p class=\"note\">This picture was not drawn.</p>\n";
    }
    write_file((figure.name + ".svg").c_str(), svg);
    return detail::page_picture(figure, svg);
  }

  [[gnu::cold]] std::string metrics() const {
    json::Writer json;
    json.open('{');
    json.name("title");
    json.string(title_);
    json.name("facts");
    json.open('{');
    for (const Fact& f : facts_) {
      json.name(f.name);
      if (f.number)
        json.number(*f.number, 15);
      else if (!f.json.empty())
        json.raw(f.json);
      else
        json.string(f.text);
    }
    json.close('}');
    if (history_) detail::write_history(json, *history_);
    if (!labels_.empty()) {
      json.name("label_counts");
      json.open('{');
      for (const LabelCounts& l : labels_) detail::write_member(json, l.of.c_str(), l.counts);
      json.close('}');
    }
    json.name("evaluations");
    json.open('[');
    for (const Evaluation& e : evaluations_) detail::write_evaluation(json, e);
    json.close(']');
    json.name("scores");
    json.open('[');
    for (const Scores& s : scores_) detail::write_scores(json, s);
    json.close(']');
    json.close('}');
    return json.take();
  }

  std::string folder_, title_;
  std::vector<std::string> classes_;
  Gnuplot gnuplot_;
  std::vector<Fact> facts_;
  std::vector<Section> sections_;
  std::vector<LabelCounts> labels_;
  std::optional<History> history_;
  std::vector<Evaluation> evaluations_;
  std::vector<Scores> scores_;
  std::vector<std::string> notes_;
};

}  // namespace strata
