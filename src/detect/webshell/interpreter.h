// A small abstract interpreter of one file: assignments, calls and branches over tokens, with outside data followed.
//
// It walks the statements in order, evaluates every expression to a Value (a constant where the program's own text
// decides it, else a name and the flow that leads to it), enters functions of the same file with the arguments of the
// call, and runs constant loops. Branches are both taken; what was assigned in one of them stays possible. Functions
// that nothing calls are read once with unknown parameters. Code that a constant decodes to is read the same way.
//
// Posture  hostile. Depth of expressions, calls and decoded code is bounded; so are steps (kMaxSteps, all together) and
//          the sizes of values. `exhausted()` tells that a bound cut the reading short.
// Threads  one interpreter is one file's; rules are shared and only read.
#pragma once
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "detect/webshell/rules.h"
#include "detect/webshell/token.h"
#include "detect/webshell/value.h"

namespace plimsoll::detect::web {

inline constexpr std::size_t kMaxSteps = 100'000;
inline constexpr std::size_t kQuietSteps = 20'000;  // after so many without any data from outside the reading ends

class Interpreter {
 public:
  Interpreter(const FamilyRules& rules, Family family) : rules_(rules), family_(family) { flows_.emplace_back(); }

  // Values that stand before the program runs: controls of a page.
  void preset(const std::string& name, Value value) { globals()[name] = std::move(value); }
  Value request_value(std::string name, std::uint32_t line, std::uint8_t origin = kRequest);
  // Reads a whole program, twice: what is set later may be used earlier, in a function or a loop.
  void run(Tokens tokens);

  // Marks of Reach::may_report for the program that run is given next; empty: all of it is read.
  void read_first(std::vector<std::uint32_t> marks) { marks_ = std::move(marks); }
  void standard_input_is_request(bool yes) { reads_request_ = yes; }
  const std::vector<Report>& reports() const { return reports_; }
  // A bound cut the first pass short.
  bool exhausted() const { return cut_; }

 private:
  using Frame = TextMap<Value>;
  // The names around a closure; moved among the frames while it runs, so that they are never copied.
  struct Scope {
    Frame names;
    std::shared_ptr<Scope> outer;
    bool in_use = false;
  };
  struct Parameter {
    std::string name, type;
    bool rest = false;
    bool by_reference = false;
    std::size_t pattern = 0;  // of a parameter that is taken apart, ([k, v]) => ...: where its bracket opens
    bool promoted = false;    // it becomes a member: __construct(private $x), record R(String x)
    bool outside = false;     // @Query("c") c: a decorator says where it comes from
    bool extends = false;     // C#: this string x
  };
  struct Function {
    std::string name, owner;
    std::size_t stream = 0;
    std::size_t begin = 0, end = 0;  // tokens of the body
    std::vector<Parameter> parameters;
    bool expression = false;  // the body is one expression
    bool closure = false;
    bool block = false;       // of map and grep: its argument is $_ itself
    bool exposed = false;     // its parameters are request data (an attribute or a decorator says so)
    bool ran = false;
    bool by_default = false;  // Visual Basic: what a call of the object itself runs
    bool getter = false, setter = false;  // of a member: @property, get x() {}
    std::shared_ptr<Scope> captured;      // the names around a closure when it was made
  };
  struct Callee {
    Value value;
    Value receiver;
    bool has_receiver = false;
    bool constructs = false;
  };

  // functions.cc, statements.cc, loops.cc
  void find_functions(std::size_t stream);
  std::vector<Parameter> read_parameters(std::size_t open, std::size_t close);
  void exec(std::size_t begin, std::size_t end);
  void statement(std::size_t end);
  bool keyword_statement(std::size_t end);
  void condition_and_body(Word word, std::size_t end);
  void body(std::size_t end);
  void for_statement(Word word, std::size_t end);
  void each(const std::vector<std::string>& names, const Value& over, std::size_t begin, std::size_t end);
  void loop(std::size_t begin, std::size_t end);
  bool import_statement(std::size_t end);
  bool declaration(std::size_t end);
  bool destructuring(std::size_t end);
  bool skip_function(std::size_t end);
  void inner_function(std::size_t at_word, std::size_t behind);
  std::string decorator_before(std::size_t i) const;
  std::size_t generic_at(std::size_t i) const;
  bool is_called_back(const std::string& name) const;

  // operators.cc, names.cc, literals.cc
  Value expression(int level);
  Value unary();
  Value unary_depth_guard();
  Value name_expression();
  Value new_expression();
  void initialise(Value& object, std::size_t open, std::uint32_t line);
  Value this_value();
  void regex_code(const Token& regex);
  Value list_of(const std::vector<Value>& parts);
  Value binary(Word op, Value left, Value right);
  Value slice(const Value& of, std::size_t open, std::size_t colon, std::size_t close);
  bool has_comprehension(std::size_t begin, std::size_t end) const;
  Value primary();
  Value postfix(Value v);
  Value parenthesis();
  Value array_literal(std::size_t open);
  Value object_literal(std::size_t open);
  Value closure(std::size_t begin, std::size_t end, std::vector<Parameter> parameters, bool is_expression, bool run_now = true);
  Value arrow(std::vector<Parameter> parameters);
  Value comprehension(std::size_t begin, std::size_t end);
  void keep_scope(std::size_t first_made);

  // numbers.cc
  std::optional<Value> number_of(std::string_view name, const Callee& callee, const std::vector<Value>& args) const;

  // patterns.cc
  void bind_pattern(std::size_t open, const Value& v, std::uint32_t line, int depth = 0);
  Value choice(std::size_t open);

  // magic.cc
  int method_of(std::string_view owner, const std::string& name) const;
  std::string_view class_of(const Value& v) const;
  std::optional<Value> worked_out(const Value& of, const std::string& name, bool element, std::uint32_t line);
  Value as_text(Value v, std::uint32_t line);
  void set_member(const std::string& path, const Value& value, std::uint32_t line);
  void hand_over(const Callee& callee, const std::vector<Value>& args, std::uint32_t line);
  void give_back(const Value& result, const std::vector<Value>& args, std::uint32_t line);
  std::optional<Value> folded_callbacks(const Value& callback, const std::vector<Value>& args, std::uint32_t line);
  void call_with_pairs(const std::string& name, const std::vector<Value>& args, std::uint32_t line);
  std::vector<Value> arguments(std::size_t open);
  std::vector<Value> bare_arguments();
  Value bare_call(Callee callee);

  // variables.cc
  Value variable(std::string_view name);
  Value member(const Value& of, const std::string& name, std::uint32_t line);
  Value chosen_member(const Value& of, const Value& key, std::uint32_t line);
  Value index(const Value& of, const Value& key, std::uint32_t line);
  Value concat(const Value& a, const Value& b);
  Value join(const Value& a, const Value& b);
  static Value join_taint(Value into, const Value& from);
  void assign(const std::string& path, Value value, std::uint32_t line, bool compound = false);
  void assign_sink(const std::string& name, const Value& value, std::uint32_t line);

  // calls.cc, apply.cc, languages.cc
  Value call(Callee callee, std::vector<Value> args, std::uint32_t line);
  Value call_function(int id, const std::vector<Value>& args, std::uint32_t line, const Value* self = nullptr);
  Value apply_function(const Rule& rule, const Callee& callee, const std::string& name, const std::vector<Value>& args, std::uint32_t line);
  Value invoke(const Rule& rule, const Callee& callee, const std::vector<Value>& args, std::uint32_t line);
  void open_perl(const std::vector<Value>& args, std::uint32_t line);
  Value open_file(const Rule& rule, const Callee& callee, const std::string& name, const std::vector<Value>& args);
  Value passed(const std::vector<Value>& args, const Value* receiver, bool weak);
  Value language_call(const Callee& callee, const std::string& name, const std::vector<Value>& args, std::uint32_t line, bool& done);
  int find_function(const Callee& callee, const std::string& name) const;
  void expose_closures(const Rule& rule, const std::vector<Value>& args, std::uint32_t line);
  Value step(Value value, std::uint32_t line, std::string what);

  // sinks.cc
  void sink(const Rule& rule, const std::string& name, const Callee& callee, const std::vector<Value>& args, std::uint32_t line);
  void evaluation(const Value& code, const std::string& name, std::uint32_t line, SinkKind kind);
  void run_decoded(const Value& code, const std::string& name, std::uint32_t line);
  void process(const Rule& rule, const std::string& name, const std::vector<Value>& args, std::uint32_t line);
  void include(const Value& path, const std::string& name, std::uint32_t line);
  void write(const Value& path, const Value& content, const std::string& name, std::uint32_t line);
  void indirect(const Callee& callee, const std::vector<Value>& args, std::uint32_t line);
  void report(SinkKind kind, int score, const Value& value, const std::string& sink, std::uint32_t line, std::vector<std::string> reasons);

  // Tokens.
  const Token& tok(std::size_t ahead = 0) const {
    const auto& all = streams_[stream_].all;
    return all[std::min(pos_ + ahead, all.size() - 1)];
  }
  const Token& at(std::size_t i) const {
    const auto& all = streams_[stream_].all;
    return all[std::min(i, all.size() - 1)];
  }
  bool is_op(Word word, std::size_t ahead = 0) const { return tok(ahead).kind == Kind::Op && tok(ahead).word == word; }
  bool is_word(Word word, std::size_t ahead = 0) const { return tok(ahead).kind == Kind::Ident && tok(ahead).word == word; }
  bool op_at(std::size_t i, Word word) const { return at(i).kind == Kind::Op && at(i).word == word; }
  std::size_t close_of(std::size_t open) const { return at(open).match > open ? at(open).match : open; }
  // Whether a function with this body is worth reading though nothing is known to call it.
  bool speaks(std::size_t stream, std::size_t begin, std::size_t end) const { return stream != 0 || end >= marks_.size() || marks_[end] != marks_[begin]; }
  std::uint32_t skip_at(std::size_t i) const { return i < skip_[stream_].size() ? skip_[stream_][i] : 0; }
  bool tick() { return ++steps_ <= (flows_.size() == 1 ? kQuietSteps : kMaxSteps); }
  std::size_t next_comma(std::size_t from, std::size_t end) const;
  Language language() const { return streams_[stream_].language; }
  bool folds_case() const { return rules_.ignore_case; }

  Frame& globals() { return frames_.front(); }
  Frame& frame_of(const std::string& path);
  const Value* find_variable(std::string_view path) const;
  bool seen_class(std::string_view name) const { return classes_.contains(std::string(name)); }
  std::uint32_t add_step(std::uint32_t parent, std::uint32_t line, std::string what);

  const FamilyRules& rules_;
  Family family_;
  std::deque<Tokens> streams_;
  std::size_t stream_ = 0, pos_ = 0;
  std::deque<Frame> frames_{1};
  std::deque<Function> functions_;
  std::unordered_map<std::string, std::vector<int>> by_name_;
  std::deque<std::vector<std::uint32_t>> skip_;  // of each stream, by token: behind the body of the function named there; 0: none
  std::map<std::pair<std::size_t, std::size_t>, int> closures_;           // (stream, body) -> function
  std::set<std::string> classes_;
  Frame fields_;  // members by name, of all objects of this file together
  std::vector<FlowStep> flows_;
  std::vector<Report> reports_;
  std::vector<Value> returned_;        // one per active call
  std::vector<int> active_;            // functions being run
  std::vector<const std::vector<Value>*> given_;  // what each of them was given
  std::vector<int> made_;              // closures made by functions that still run
  std::vector<std::string> return_name_;
  std::map<std::string, std::uint8_t> guarded_;  // path -> sink kinds
  std::map<std::string, Value> keywords_;        // named arguments of the call being read
  std::map<std::string, Value> written_;         // path or name of a file -> request data written there
  Value all_variables_;    // tainted when extract() and its like made every name possible
  Value error_handler_, sent_, resolved_;  // set_error_handler, Generator::send, a promise's value
  std::map<std::string, std::string> wrappers_;  // PHP: scheme -> class that reads it
  int decorated_by_ = -1;  // Python: the decorator before the function that comes
  Value thrown_;           // what an exception carries
  std::map<std::string, int> listeners_;   // JavaScript: event -> function
  std::map<std::string, int> properties_;  // C#: property -> its getter
  Value last_value_;       // of the last expression that stood alone: what a Perl sub returns
  Value standard_input_;   // tainted when a socket was put in its place
  std::string output_callback_;  // PHP: ob_start(NAME)
  Value environment_;      // PHP: outside data that putenv set
  bool preloads_ = false;  // PHP: putenv("LD_PRELOAD=...")
  Value connection_;       // tainted when a network connection was made
  Value objects_;          // tainted when outside data was unserialised
  std::map<int, std::size_t> runs_;  // of each function
  std::vector<std::uint32_t> marks_;  // of the first stream
  bool reads_request_ = false;      // a CGI program: its standard input is the request
  std::deque<std::string> texts_;   // decoded programs, which tokens look into
  std::size_t steps_ = 0;
  int depth_ = 0, condition_ = 0, loops_ = 0, decoded_depth_ = 0, class_depth_ = 0, guarding_ = 0;
  bool cut_ = false;
  bool has_magic_ = false;  // some class works members or elements out
  bool has_globs_ = false;  // Perl: *name = sub { }
  bool has_text_methods_ = false, has_setters_ = false;  // some class says what its objects are as text, takes its members by itself
  bool stop_list_ = false;  // inside a condition without parentheses, "{" opens the body
};

}  // namespace plimsoll::detect::web
