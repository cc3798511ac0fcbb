// A page of HTML that needs nothing but itself: pictures inside, no script, no address outside.
#pragma once

#include <strata/report/figure.hpp>
#include <strata/report/quoting.hpp>
#include <strata/train/history.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace strata::detail {

/// The page up to its first section. The policy forbids the browser to load anything.
[[gnu::cold]] inline std::string page_head(std::string_view title) {
  const std::string name = html_quoted(title);
  return joined({R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>)",
                 name, R"(</title>
<style>
:root { --paper: #ffffff; --ink: #1b1f24; --faint: #57606a; --line: #d0d7de; --shade: #f6f8fa; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #14171b; --ink: #e3e8ee; --faint: #9aa5b1; --line: #3a424b; --shade: #1d2228; }
}
body { margin: 0 auto; max-width: 60rem; padding: 1.5rem; background: var(--paper); color: var(--ink);
       font: 1rem/1.5 Helvetica, Arial, sans-serif; }
h1 { font-size: 1.7rem; } h2 { font-size: 1.2rem; margin: 2.2rem 0 .5rem; }
figure { margin: 0; overflow-x: auto; }
figure img { max-width: max(100%, 36rem); height: auto; background: #ffffff; border: 1px solid var(--line); border-radius: 6px; }
figcaption { position: sticky; left: 0; }
figcaption, .note { color: var(--faint); font-size: .9rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .2rem .8rem .2rem 0; border-bottom: 1px solid var(--line); text-align: right; }
th:first-child, td:first-child { text-align: left; }
.facts th { font-weight: normal; color: var(--faint); } .facts td { text-align: left; }
pre, .wide { overflow-x: auto; } pre { background: var(--shade); padding: .8rem; border-radius: 6px; font-size: .85rem; }
</style>
</head>
<body>
<h1>)",
                 name, "</h1>\n"});
}

[[gnu::cold]] inline std::string page_section(std::string_view heading, std::string_view content) {
  return joined({"<section>\n<h2>", html_quoted(heading), "</h2>\n", content, "</section>\n"});
}

[[gnu::cold]] inline std::string page_text(std::string_view text) {
  return joined({"<pre>", html_quoted(text), "</pre>\n"});
}

/// A picture of SVG. As an image it runs nothing, and its names do not mix with those of other pictures.
[[gnu::cold]] inline std::string page_picture(const Figure& figure, std::string_view svg) {
  std::string out = joined({"<figure>\n<img alt=\"", html_quoted(figure.heading), "\" src=\"data:image/svg+xml;base64,",
                            base64(svg), "\">\n"});
  if (!figure.caption.empty()) append(out, {"<figcaption>", html_quoted(figure.caption), "</figcaption>\n"});
  return out + "</figure>\n";
}

/// Names and values.
[[gnu::cold]] inline std::string page_facts(const std::vector<std::pair<std::string, std::string>>& facts) {
  if (facts.empty()) return {};
  std::string out = "<table class=\"facts\">\n";
  for (const auto& [name, value] : facts)
    append(out, {"<tr><th scope=\"row\">", html_quoted(name), "</th><td>", html_quoted(value), "</td></tr>\n"});
  return out + "</table>\n";
}

/// The epochs as a table, folded up.
[[gnu::cold]] inline std::string page_epochs(const History& history) {
  std::string out =
      "<details>\n<summary>All epochs as a table</summary>\n<div "
      "class=\"wide\"><table>\n<tr><th>epoch</th><th>loss</th>"
      "<th>accuracy</th><th>validation loss</th><th>validation accuracy</th><th>learning "
      "rate</th><th>seconds</th></tr>\n";
  const auto cell = [&](const std::string& text) { append(out, {"<td>", text, "</td>"}); };
  for (const EpochRecord& e : history.epochs) {
    append(out, {"<tr><td>", e.epoch, e.complete ? "" : " (cut short)", e.best ? " (best)" : "", "</td>"});
    cell(fixed_number(e.loss, 4));
    cell(fixed_number(e.accuracy, 4));
    cell(e.validation_loss ? fixed_number(*e.validation_loss, 4) : "");
    cell(e.validation_accuracy ? fixed_number(*e.validation_accuracy, 4) : "");
    cell(shown_number(e.learning_rate, 4));
    cell(fixed_number(e.seconds, 1));
    out += "</tr>\n";
  }
  return out + "</table></div>\n</details>\n";
}

}  // namespace strata::detail
