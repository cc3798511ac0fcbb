// The part of Boost.Test that tests of kernels use, for a machine that has no Boost. tests/gpu/main.cpp runs the cases.
#pragma once
#pragma GCC system_header  // comparisons of the tests' own types are Boost's business there, and not warned of here

#include <algorithm>
#include <exception>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace boost {
namespace test_tools {

/// Whether a condition holds, and what to say where it does not.
class assertion_result {
 public:
  explicit assertion_result(bool holds) : holds_(holds) {}
  explicit operator bool() const { return holds_; }
  std::ostringstream& message() { return message_; }

 private:
  bool holds_;
  std::ostringstream message_;
};

/// Says nothing more: vectors are compared whole.
struct per_element {
  friend std::ostream& operator<<(std::ostream& to, const per_element&) { return to; }
};

}  // namespace test_tools

namespace unit_test {

/// A condition without which a case is skipped.
class precondition {
 public:
  using Condition = test_tools::assertion_result(unsigned);

  precondition() = default;
  explicit precondition(Condition* condition) : condition_(condition) {}
  const precondition& operator*() const { return *this; }
  Condition* condition() const { return condition_; }

 private:
  Condition* condition_ = nullptr;
};

/// A test case.
struct Case {
  std::string name;  ///< suite/case
  void (*run)();
  precondition::Condition* condition;
};

/// All cases of the program, in the order of its text.
inline std::vector<Case>& cases() {
  static std::vector<Case> all;
  return all;
}

/// Adds a case, and returns true.
inline bool add(const char* file_suite, const char* name, void (*run)(), const precondition& p = {}) {
  cases().push_back({std::string(file_suite) + "/" + name, run, p.condition()});
  return true;
}

}  // namespace unit_test

namespace test_tools {

/// What the running case has found.
struct Findings {
  static constexpr int told = 5;  ///< failures of a case that are printed
  int checks = 0, failures = 0;
  std::vector<std::string> contexts;
};
inline Findings& findings() {
  static Findings now;
  return now;
}

/// Prints a failure.
void tell(const char* file, int line, const std::string& what);

/// Thrown by a failed BOOST_REQUIRE.
struct Abandoned : std::exception {
  const char* what() const noexcept override { return "a requirement is not met"; }
};

/// A compared pair, or a value that says yes or no.
struct Outcome {
  bool holds;
  std::string values;
  explicit operator bool() const { return holds; }
};

template <class T>
void print(std::ostream& to, const T& value) {
  if constexpr (requires { to << value; })
    to << value;
  else
    to << "?";
}

/// Whether a == b; containers of two types element by element.
template <class T, class U>
bool are_equal(const T& a, const U& b) {
  if constexpr (requires { a == b; })
    return a == b;
  else
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

/// The left side of a comparison.
template <class T>
struct Left {
  const T& value;

  explicit operator bool() const { return static_cast<bool>(value); }

  template <class U>
  Outcome operator==(const U& right) const {
    if (are_equal(value, right)) return {true, {}};
    std::ostringstream text;
    text.precision(9);
    print(text, value);
    text << " == ";
    print(text, right);
    return {false, text.str()};
  }

#define STRATA_STAND_IN_COMPARISON(sign)        \
  template <class U>                            \
  Outcome operator sign(const U& right) const { \
    if (value sign right) return {true, {}};    \
    std::ostringstream text;                    \
    text.precision(9);                          \
    print(text, value);                         \
    text << " " #sign " ";                      \
    print(text, right);                         \
    return {false, text.str()};                 \
  }
  STRATA_STAND_IN_COMPARISON(!=)
  STRATA_STAND_IN_COMPARISON(<)
  STRATA_STAND_IN_COMPARISON(<=)
  STRATA_STAND_IN_COMPARISON(>)
  STRATA_STAND_IN_COMPARISON(>=)
#undef STRATA_STAND_IN_COMPARISON
};

struct Expression {
  template <class T>
  Left<T> operator<=(const T& left) const {
    return {left};
  }
};

inline Outcome outcome(Outcome o) { return o; }
template <class T>
Outcome outcome(const Left<T>& l) {
  return {static_cast<bool>(l), {}};
}
inline Outcome outcome(bool b) { return {b, {}}; }

/// Counts a check; says whether it holds, and prints where it does not. `message(to)` writes what the test says of it.
template <class Message>
bool check(const Outcome& o, const char* text, const char* file, int line, const Message& message) {
  ++findings().checks;
  if (o.holds) return true;
  if (++findings().failures > Findings::told) return false;
  std::ostringstream to;
  to << text << " does not hold";
  if (!o.values.empty()) to << " [" << o.values << "]";
  to << ": ";
  message(to);
  tell(file, line, to.str());
  return false;
}

/// What is said of all failures while it lives.
class Context {
 public:
  template <class Message>
  explicit Context(const Message& message) {
    std::ostringstream to;
    message(to);
    findings().contexts.push_back(to.str());
  }
  ~Context() { findings().contexts.pop_back(); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  bool once() { return std::exchange(first_, false); }

 private:
  bool first_ = true;
};

}  // namespace test_tools
}  // namespace boost

#define BOOST_AUTO_TEST_SUITE(name) \
  namespace name {                  \
  [[maybe_unused]] static constexpr const char* suite_of_cases = #name;
#define BOOST_AUTO_TEST_SUITE_END() }
#define BOOST_AUTO_TEST_CASE(name, ...)                                                              \
  struct name {                                                                                      \
    static void test_method();                                                                       \
  };                                                                                                 \
  [[maybe_unused]] static const bool name##_is_a_case =                                              \
      ::boost::unit_test::add(suite_of_cases, #name, &name::test_method __VA_OPT__(, ) __VA_ARGS__); \
  void name::test_method()

#define STRATA_STAND_IN_OUTCOME(...) ::boost::test_tools::outcome(::boost::test_tools::Expression{} <= __VA_ARGS__)
#define STRATA_STAND_IN_CHECK(condition, ...)                                                    \
  ::boost::test_tools::check(STRATA_STAND_IN_OUTCOME(condition), #condition, __FILE__, __LINE__, \
                             [&]([[maybe_unused]] std::ostream& to) { __VA_OPT__(to << __VA_ARGS__;) })
#define BOOST_TEST(...) static_cast<void>(STRATA_STAND_IN_CHECK(__VA_ARGS__))
#define BOOST_REQUIRE(...)                                                        \
  if (!STRATA_STAND_IN_CHECK(__VA_ARGS__)) throw ::boost::test_tools::Abandoned { \
    }
#define BOOST_REQUIRE_EQUAL(a, b) BOOST_REQUIRE((a) == (b))
#define BOOST_TEST_MESSAGE(...) static_cast<void>([&](std::ostream& to) { to << __VA_ARGS__; })
#define BOOST_TEST_CONTEXT(...)                                                                   \
  for (::boost::test_tools::Context strata_context([&](std::ostream& to) { to << __VA_ARGS__; }); \
       strata_context.once();)
#define BOOST_ERROR(message) BOOST_TEST(false, message)
#define BOOST_CHECK_EXCEPTION(expression, type, holds)       \
  do {                                                       \
    bool threw = false;                                      \
    try {                                                    \
      static_cast<void>(expression);                         \
    } catch (const type& caught) {                           \
      threw = holds(caught);                                 \
    }                                                        \
    BOOST_TEST(threw, #expression " throws no such " #type); \
  } while (false)
#define BOOST_CHECK_THROW(expression, type)             \
  do {                                                  \
    bool threw = false;                                 \
    try {                                               \
      static_cast<void>(expression);                    \
    } catch (const type&) {                             \
      threw = true;                                     \
    }                                                   \
    BOOST_TEST(threw, #expression " throws no " #type); \
  } while (false)
