// What the interpreter knows of a value: its text when it is constant, where it came from when it is not, what it is called.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "detect/webshell/rules.h"

namespace plimsoll::detect::web {

struct Items;

struct Value {
  bool known = false;     // `text` is all of it
  std::string text;       // known: the constant (numbers in decimal); else the constant it begins with
  std::string suffix;     // not known: the constant it ends with
  std::string name;       // "subprocess.check_output", "$_POST", "Runtime.getRuntime()"; empty for plain data
  std::string path;       // the variable it was read from ("$a[x]"), for assignment; not kept when stored
  std::shared_ptr<Items> items;  // elements, where they are known one by one; shared, so copy before writing
  std::uint32_t flow = 0;        // step of the interpreter's flow table; 0: nothing from outside
  int function = -1;             // a function of this file
  std::uint8_t origin = 0;       // Origin bits
  std::uint8_t cleaned = 0;      // sink kinds it was made safe for
  std::uint8_t layers = 0;       // decodings on the way
  bool weak = false;             // went through a function that is not known
  bool head = true;              // outside data may begin a shell command in it
  bool led = false;              // something that is not known stands before the outside data
  bool tail = true;              // it ends with outside data
  bool by_element = false;       // only some of its elements, stored under known keys, are from outside
  bool chosen = false;           // outside data chose which member or function this is
  bool any_of = false;           // one of `items`, which are functions; which one is not known
  bool is_number = false;

  bool tainted() const { return flow != 0; }
  static Value constant(std::string text) {
    Value v;
    v.known = true;
    v.text = std::move(text);
    return v;
  }
  static Value number(long long n) {
    Value v = constant(std::to_string(n));
    v.is_number = true;
    return v;
  }
  static Value named(std::string name) {
    Value v;
    v.name = std::move(name);
    return v;
  }
};

struct Items {
  std::map<std::string, Value> by_key;
  std::vector<std::string> order;  // keys as they were added
  std::size_t next = 0;            // next automatic index

  void set(const std::string& key, Value value) {
    if (by_key.size() >= 4096) return;
    const auto [at, fresh] = by_key.insert_or_assign(key, std::move(value));
    if (fresh) order.push_back(at->first);
  }
  void push(Value value) { set(std::to_string(next++), std::move(value)); }
};

inline constexpr std::size_t kMaxText = 1 << 20;  // of one constant

// One step of a flow, told to the reader of the report.
struct FlowStep {
  std::uint32_t parent = 0;
  std::uint32_t line = 0;
  std::string what;
};

// One flow that reached a sink.
struct Report {
  SinkKind kind = SinkKind::Evaluation;
  int score = 0;               // 0..100; kThreshold and more is a finding
  std::uint32_t line = 0;      // of the sink
  std::uint32_t source_line = 0;
  std::string source, sink, way;  // "$_POST[x] at line 2", "eval", "$a -> base64_decode -> $b"
  std::vector<std::string> reasons;
};

inline constexpr int kThreshold = 60;

}  // namespace plimsoll::detect::web
