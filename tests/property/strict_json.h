#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>

namespace sorrel::test {

// Checks a line of ours by the letter of RFC 8259: one JSON object and a newline, valid UTF-8, and,
// which the RFC only recommends, no key twice in one object. It shares no code with the encoder.
class StrictJson {
 public:
  // What is wrong with `line`, and where; empty when nothing is.
  static std::string fault(std::string_view line, bool may_repeat_keys = false) {
    StrictJson check(line, may_repeat_keys);
    if (!line.ends_with('\n')) return "no newline at the end";
    check.text_.remove_suffix(1);
    if (check.peek() != '{') return "no object";
    if (!check.value(0)) return check.fault_ + " at byte " + std::to_string(check.at_);
    if (check.at_ != check.text_.size()) return "more at byte " + std::to_string(check.at_);
    return "";
  }

 private:
  static constexpr int kMaxDepth = 8;  // ours has five levels

  StrictJson(std::string_view text, bool may_repeat_keys)
      : text_(text), may_repeat_keys_(may_repeat_keys) {}

  int peek() const { return at_ < text_.size() ? static_cast<unsigned char>(text_[at_]) : -1; }
  bool bad(std::string_view why) {
    if (fault_.empty()) fault_ = why;
    return false;
  }
  bool take(char wanted) {
    if (peek() != wanted) return bad(std::string("no ") + wanted);
    ++at_;
    return true;
  }
  bool word(std::string_view wanted) {
    if (text_.substr(at_, wanted.size()) != wanted) return bad("an unknown word");
    at_ += wanted.size();
    return true;
  }

  bool value(int depth) {
    if (depth > kMaxDepth) return bad("too deep");
    std::string ignored;
    switch (peek()) {
      case '{':
        return object(depth);
      case '[':
        return array(depth);
      case '"':
        return string(ignored);
      case 't':
        return word("true");
      case 'f':
        return word("false");
      case 'n':
        return word("null");
      default:
        return number();
    }
  }

  bool object(int depth) {
    std::set<std::string> keys;
    ++at_;
    if (peek() == '}') return take('}');
    for (;;) {
      std::string key;
      if (!string(key) || !take(':') || !value(depth + 1)) return false;
      if (!keys.insert(key).second && !may_repeat_keys_) return bad("the key " + key + " again");
      if (peek() == '}') return take('}');
      if (!take(',')) return false;
    }
  }

  bool array(int depth) {
    ++at_;
    if (peek() == ']') return take(']');
    for (;;) {
      if (!value(depth + 1)) return false;
      if (peek() == ']') return take(']');
      if (!take(',')) return false;
    }
  }

  bool digits() {
    const std::size_t begin = at_;
    while (peek() >= '0' && peek() <= '9') ++at_;
    return at_ != begin || bad("no digit");
  }

  bool number() {
    if (peek() == '-') ++at_;
    if (peek() == '0')
      ++at_;
    else if (!digits())
      return false;
    if (peek() == '.') {
      ++at_;
      if (!digits()) return false;
    }
    if (peek() != 'e' && peek() != 'E') return true;
    ++at_;
    if (peek() == '+' || peek() == '-') ++at_;
    return digits();
  }

  // `out`: the string's text, with its escapes as they are written (ours has one way to write
  // each).
  bool string(std::string& out) {
    if (!take('"')) return false;
    for (;;) {
      const int byte = peek();
      if (byte < 0x20) return bad(byte < 0 ? "an open string" : "a control byte");
      const std::size_t begin = at_;
      if (byte == '"') {
        ++at_;
        return true;
      }
      if (byte == '\\') {
        ++at_;
        if (!escape()) return false;
      } else if (!utf8()) {
        return false;
      }
      out += text_.substr(begin, at_ - begin);
    }
  }

  bool escape() {
    constexpr std::string_view kSimple = "\"\\/bfnrt";
    const int letter = peek();
    if (letter < 0) return bad("an open escape");
    ++at_;
    if (kSimple.find(static_cast<char>(letter)) != kSimple.npos) return true;
    if (letter != 'u') return bad("an unknown escape");
    for (int i = 0; i < 4; ++i, ++at_) {
      const int c = peek();
      const bool is_hex =
          (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
      if (!is_hex) return bad("an open escape");
    }
    return true;
  }

  // One character, decoded to its code point: overlong forms and surrogates are told by its value.
  bool utf8() {
    const int first = peek();
    const int length = first < 0x80   ? 1
                       : first < 0xc0 ? 0
                       : first < 0xe0 ? 2
                       : first < 0xf0 ? 3
                                      : 4;
    if (length == 0 || first > 0xf7) return bad("no UTF-8");
    unsigned code = length == 1 ? static_cast<unsigned>(first)
                                : static_cast<unsigned>(first) & (0x7fu >> length);
    ++at_;
    for (int i = 1; i < length; ++i, ++at_) {
      const int next = peek();
      if (next < 0x80 || next > 0xbf) return bad("no UTF-8");
      code = code << 6 | (static_cast<unsigned>(next) & 0x3f);
    }
    constexpr unsigned kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
    const bool is_surrogate = code >= 0xd800 && code <= 0xdfff;
    if (code < kSmallest[length] || is_surrogate || code > 0x10ffff) return bad("no UTF-8");
    return true;
  }

  std::string_view text_;
  const bool may_repeat_keys_;
  std::size_t at_ = 0;
  std::string fault_;
};

}  // namespace sorrel::test
