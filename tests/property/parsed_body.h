#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "record/parser.h"
#include "record/rebuild.h"

namespace sorrel::test {

// A body in a block of exactly the size that the parser may read, so that the address sanitizer
// sees one byte more; and the fields that were found in it.
class ParsedBody {
 public:
  ParsedBody(record::Parser& parser, record::RecordType type, std::string_view body,
             record::Origin origin)
      : size_(body.size()), bytes_(std::make_unique<char[]>(body.size() + record::kPadding)) {
    body.copy(bytes_.get(), body.size());  // it may be null
    std::memcpy(bytes_.get() + size_, record::kSentinel, sizeof record::kSentinel);
    parser.parse(type, this->body(), origin, fields_);
  }

  std::string_view body() const { return {bytes_.get(), size_}; }
  std::vector<record::Field> fields() const {
    return {fields_.data(), fields_.data() + fields_.size()};
  }
  std::string rebuilt() const {
    return record::rebuild_body(fields_.data(), fields_.data() + fields_.size(), body());
  }

  // One text a field: key and value in the form they were written in, the class, and what else is
  // true of it. `inside` and so on are left out when they are false.
  std::vector<std::string> described() const {
    std::vector<std::string> lines;
    for (const record::Field& field : fields()) lines.push_back(describe(field));
    return lines;
  }

  // True when every view lies in the body.
  bool views_lie_inside() const {
    const char* const end = bytes_.get() + size_;
    const auto lies = [&](std::string_view view) {
      return view.empty() || (view.data() >= bytes_.get() && view.data() + view.size() <= end);
    };
    return std::ranges::all_of(
        fields(), [&](const record::Field& f) { return lies(f.key()) && lies(f.value()); });
  }

 private:
  static std::string describe(const record::Field& field) {
    std::string text(field.key());
    if (field.form != record::Form::word && field.key_size != 0) text += '=';
    const std::string value(field.value());
    switch (field.form) {
      case record::Form::bare:
        text += value;
        break;
      case record::Form::quoted:
        text += '"' + value + '"';
        break;
      case record::Form::nested:
        text += '\'' + value + '\'';
        break;
      case record::Form::braces:
        text += '{' + value + '}';
        break;
      case record::Form::word:
        text += '<' + value + '>';
        break;
    }
    if (field.key_size != 0) text.append(" ").append(class_name(field.cls));
    if (field.inside) text += " inside";
    if (field.enriched) text += " enriched";
    if (field.unclosed) text += " unclosed";
    if (field.repeated != 0)
      text += " repeated " + std::to_string(field.repeated & ~record::Field::kOddSuffix);
    if ((field.repeated & record::Field::kOddSuffix) != 0) text += " oddly";
    return text;
  }

  static const char* class_name(record::FieldClass cls) {
    using record::FieldClass;
    switch (cls) {
      case FieldClass::unclassified:
        return "unclassified";
      case FieldClass::text:
        return "text";
      case FieldClass::decimal:
        return "decimal";
      case FieldClass::hex_number:
        return "hex";
      case FieldClass::octal:
        return "octal";
      case FieldClass::escaped:
        return "escaped";
      case FieldClass::argument:
        return "argument";
      case FieldClass::argument_length:
        return "length";
      case FieldClass::proctitle:
        return "proctitle";
      case FieldClass::sockaddr:
        return "sockaddr";
      case FieldClass::tty_data:
        return "tty";
      case FieldClass::message:
        return "message";
    }
    return "?";
  }

  std::size_t size_;
  std::unique_ptr<char[]> bytes_;
  record::FieldList fields_;
};

}  // namespace sorrel::test
