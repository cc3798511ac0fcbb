#include "report.hpp"
#include "verdict.hpp"

#include <strata/io/json.hpp>

namespace doctor {

static std::string quoted(const std::string& text) {
  std::string valid = text, out;
  // A path need not be UTF-8, JSON must be.
  for (std::size_t bad; (bad = strata::detail::find_invalid_utf8(valid)) != std::string::npos;) valid[bad] = '?';
  strata::json::append_quoted(out, valid);
  return out;
}

static std::string quoted_or_null(const std::string& text) { return text.empty() ? "null" : quoted(text); }

static const char* truth(bool value) { return value ? "true" : "false"; }

/// A member of the outer object.
static void member(std::string& json, const char* name, const std::string& value) {
  json += json.empty() ? "{\n  " : ",\n  ";
  json += quoted(name) + ": " + value;
}

static std::string list(const std::vector<std::string>& values, const char* separator = ", ") {
  std::string json;
  for (const std::string& value : values) json += (json.empty() ? "" : separator) + value;
  return '[' + json + ']';
}

static std::string part(const Part& part) {
  return std::string("{\"there\": ") + truth(part.there) + ", \"about\": " + quoted_or_null(part.about) + '}';
}

static std::string verdict(const Verdict& v) {
  return std::string("{\"runs\": ") + truth(v.runs) + ", \"what\": " + quoted_or_null(v.what) +
         ", \"why\": " + quoted_or_null(v.why) + ", \"advice\": " + quoted_or_null(v.advice) + '}';
}

static const char* name_of(Code code) {
  switch (code) {
    case Code::machine:
      return "machine";
    case Code::compiled_at_start:
      return "ptx";
    case Code::none:
      break;
  }
  return "none";
}

std::string as_json(const Facts& facts) {
  const Toolkit& toolkit = facts.toolkit;
  const Driver& driver = facts.driver;
  std::vector<std::string> architectures, gpus;
  for (const std::string& name : toolkit.architectures) architectures.push_back(quoted(name));
  for (const Gpu& gpu : driver.gpus)
    gpus.push_back("{\"name\": " + quoted(gpu.name) + ", \"architecture\": " + std::to_string(gpu.architecture()) +
                   ", \"memory\": " + std::to_string(gpu.memory) +
                   ", \"multiprocessors\": " + std::to_string(gpu.multiprocessors) + ", \"code\": \"" +
                   name_of(code_for(gpu, toolkit.architectures)) + "\"}");

  std::string json;
  member(json, "strata", quoted(facts.strata));
  member(json, "processor",
         "{\"instructions\": " + quoted(facts.processor.instructions) + ", \"best\": " + quoted(facts.processor.best) +
             ", \"threads\": " + std::to_string(facts.processor.threads) + '}');
  member(json, "toolkit",
         std::string("{\"there\": ") + truth(toolkit.built_with) + ", \"why_not\": " + quoted_or_null(toolkit.why_not) +
             ", \"version\": " + quoted_or_null(toolkit.version) + ", \"nvcc\": " + quoted_or_null(toolkit.nvcc) +
             ", \"architectures\": " + list(architectures) + '}');
  member(json, "cublas", part(toolkit.cublas));
  member(json, "driver",
         std::string("{\"there\": ") + truth(driver.there) + ", \"version\": " + quoted_or_null(driver.version) +
             ", \"cuda\": " + (driver.cuda == 0 ? "null" : quoted(cuda_version(driver.cuda))) +
             ", \"problem\": " + quoted_or_null(driver.problem) + '}');
  member(json, "gpus", list(gpus, ",\n           "));
  member(json, "zlib", part(facts.zlib));
  member(json, "stb", part(facts.stb));
  member(json, "cpu", verdict(judge_cpu(facts)));
  member(json, "cuda", verdict(judge_cuda(facts)));
  return json + "\n}\n";
}

}  // namespace doctor
