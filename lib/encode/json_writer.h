#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/short_copy.h"
#include "encode/escape.h"
#include "encode/key_text.h"
#include "record/field.h"

namespace sorrel::encode {

// Writes the parts of a JSON text behind `out`. Members of an object are written with a comma
// before each; close_object() turns the first comma into the brace. The caller has made sure of
// the room (JsonEncoder::bound()).
class JsonWriter {
 public:
  JsonWriter(char* out, const KeyTexts& keys) : out_(out), keys_(keys) {}

  char* out() const noexcept { return out_; }
  void set_out(char* out) noexcept { out_ = out; }

  void put(char c) noexcept { *out_++ = c; }
  // Text that needs no escape.
  void put(std::string_view text) noexcept { out_ = copy_short(text.data(), text.size(), out_); }
  // The same for up to 16 bytes of padded text: one block instead of a call.
  void put_short(const char* text, std::size_t size) noexcept {
    std::memcpy(out_, text, 16);
    out_ += size;
  }

  void put(const KeyTexts::Text& text) noexcept {
    std::memcpy(out_, text.bytes, sizeof text);  // the size byte too: two whole blocks
    out_ += text.size;
  }
  const KeyTexts& keys() const noexcept { return keys_; }

  // An object that starts here: give the result to close_object().
  char* open_object() noexcept { return out_; }
  void close_object(char* opened) noexcept {
    if (out_ == opened) put('{');
    *opened = '{';
    put('}');
  }
  void close_array(char* opened) noexcept {
    if (out_ == opened) put('[');
    *opened = '[';
    put(']');
  }

  // `,"key":` of a field, made unique when the object had the key before.
  void key(const record::Field& field) noexcept {
    const KeyTexts::Text& text = keys_[field.key_id];
    if (text.size != 0 && field.repeated == 0) [[likely]]
      return put(text);
    put(",\"");
    out_ = escape_to(field.key(), out_);
    if (field.repeated != 0) {
      // No key has a blank: "uid 2" is free whatever the other keys are.
      put((field.repeated & record::Field::kOddSuffix) != 0 ? ' ' : '_');
      number((field.repeated & ~record::Field::kOddSuffix) + 1u);
    }
    put("\":");
  }
  // `,"name":` of one of our own keys: a constant that needs no escape.
  void member(std::string_view name) noexcept {
    std::memcpy(out_, ",\"", 2);
    out_ = copy_short(name.data(), name.size(), out_ + 2);
    std::memcpy(out_, "\":", 2);
    out_ += 2;
  }

  void number(std::uint64_t value) noexcept;
  void signed_number(std::int64_t value) noexcept;
  void null() noexcept { put("null"); }
  // A string of bytes with 15 readable ones behind them.
  void string(std::string_view padded) noexcept {
    put('"');
    out_ = escape_short_to(padded, out_);
    put('"');
  }
  void unpadded_string(std::string_view bytes) noexcept {
    put('"');
    out_ = escape_unpadded_to(bytes, out_);
    put('"');
  }
  // "0x" or "0o" and digits without leading zeros, which need no escape.
  void prefixed_number(std::string_view prefix, std::string_view digits) noexcept {
    while (digits.size() > 1 && digits[0] == '0') digits.remove_prefix(1);
    put('"');
    put(prefix);
    put(digits);
    put('"');
  }

 private:
  char* out_;
  const KeyTexts& keys_;
};

}  // namespace sorrel::encode
