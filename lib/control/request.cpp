#include "control/request.h"

#include <algorithm>

#include <simdjson.h>

#include "control/json_text.h"

namespace sorrel::control {
namespace {

namespace dom = simdjson::dom;

// An argument is at most a list: whatever is nested deeper is no request.
constexpr std::size_t kMaxDepth = 8;

Unexpected<Refusal> refuse(std::string code, std::string message) {
  return Unexpected<Refusal>({std::move(code), std::move(message)});
}

Unexpected<Refusal> bad_request(const std::string& what) {
  return refuse("bad_request", what +
                                   "; a request is one line such as "
                                   "{\"schema\":1,\"command\":\"status\"}");
}

const char* kind_name(ArgumentKind kind) noexcept {
  switch (kind) {
    case ArgumentKind::flag:
      return "true or false";
    case ArgumentKind::number:
      return "a whole number";
    case ArgumentKind::text:
      return "a text";
    case ArgumentKind::numbers:
      return "a list of whole numbers";
  }
  return "";
}

bool read_numbers(dom::array list, std::vector<std::int64_t>& numbers) {
  for (const dom::element item : list) {
    std::int64_t number = 0;
    if (item.get(number) != simdjson::SUCCESS) return false;
    numbers.push_back(number);
  }
  return true;
}

bool read_value(dom::element value, Argument& argument) {
  bool flag = false;
  std::int64_t number = 0;
  std::string_view text;
  dom::array list;
  if (value.get(flag) == simdjson::SUCCESS) {
    argument.value = flag;
  } else if (value.get(number) == simdjson::SUCCESS) {
    argument.value = number;
  } else if (value.get(text) == simdjson::SUCCESS) {
    argument.value = std::string(text);
  } else if (value.get(list) == simdjson::SUCCESS) {
    return read_numbers(list, argument.value.emplace<std::vector<std::int64_t>>());
  } else {
    return false;
  }
  return true;
}

Result<Ok, Refusal> read_arguments(dom::element value, std::vector<Argument>& arguments) {
  dom::object map;
  if (value.get(map) != simdjson::SUCCESS) return bad_request("arguments must be an object");
  for (const dom::key_value_pair member : map) {
    if (arguments.size() == kMaxArguments) return bad_request("there are too many arguments");
    const auto is_same = [&](const Argument& other) { return other.name == member.key; };
    if (std::any_of(arguments.begin(), arguments.end(), is_same)) {
      return bad_request("an argument is given twice");
    }
    arguments.push_back({std::string(member.key), false});
    if (!read_value(member.value, arguments.back())) {
      return bad_request(
          "an argument is true, false, a whole number, a text or a list of whole numbers");
    }
  }
  return Ok{};
}

// The members of a request. Each may be there once.
struct Members {
  dom::element schema;
  dom::element command;
  dom::element arguments;
  bool has_schema = false;
  bool has_command = false;
  bool has_arguments = false;
};

Result<Members, Refusal> find_members(dom::object top) {
  Members members;
  const auto take = [](dom::element value, dom::element& member, bool& has) {
    if (has) return false;
    member = value;
    return has = true;
  };
  for (const auto& [name, value] : top) {
    bool taken = false;
    if (name == "schema") {
      taken = take(value, members.schema, members.has_schema);
    } else if (name == "command") {
      taken = take(value, members.command, members.has_command);
    } else if (name == "arguments") {
      taken = take(value, members.arguments, members.has_arguments);
    }
    if (!taken) return bad_request("a member is unknown, or is given twice");
  }
  return members;
}

}  // namespace

Result<Request, Refusal> parse_request(std::string_view line) {
  dom::parser parser;
  if (parser.allocate(line.size() + 1, kMaxDepth) != simdjson::SUCCESS) {
    return refuse("unavailable", "there is no memory for the request");
  }
  dom::element root;
  dom::object top;
  // It copies the line into memory with the slack that it reads.
  if (parser.parse(line.data(), line.size()).get(root) != simdjson::SUCCESS) {
    return bad_request("this is not JSON");
  }
  if (root.get(top) != simdjson::SUCCESS) return bad_request("this is not a JSON object");
  const auto members = find_members(top);
  if (!members) return Unexpected<Refusal>(members.error());
  std::int64_t schema = 0;
  if (!members->has_schema || members->schema.get(schema) != simdjson::SUCCESS) {
    return bad_request("schema must be a whole number");
  }
  // Before the rest: another version may have another form.
  if (schema != kSchema) {
    return refuse("unsupported_schema", "this sorreld speaks schema " + std::to_string(kSchema) +
                                            ", the request is of schema " + std::to_string(schema));
  }
  std::string_view command;
  if (!members->has_command || members->command.get(command) != simdjson::SUCCESS) {
    return bad_request("command must be a text");
  }
  Request request{.command = std::string(command), .arguments = {}};
  if (!members->has_arguments) return request;
  auto read = read_arguments(members->arguments, request.arguments);
  if (!read) return Unexpected<Refusal>(std::move(read).error());
  return request;
}

Result<Ok, Refusal> Request::check_arguments(
    std::initializer_list<std::pair<std::string_view, ArgumentKind>> known) const {
  for (const Argument& argument : arguments) {
    const auto found = std::find_if(known.begin(), known.end(),
                                    [&](const auto& one) { return one.first == argument.name; });
    if (found == known.end()) {
      return refuse("bad_arguments", command + " has no argument '" + argument.name + "'");
    }
    if (found->second != argument.kind()) {
      return refuse("bad_arguments", "the argument '" + argument.name + "' of " + command +
                                         " must be " + kind_name(found->second));
    }
  }
  return Ok{};
}

std::string request_text(const Request& request) {
  std::string text = "{\"schema\":" + std::to_string(kSchema) + ",\"command\":";
  append_json_string(text, request.command);
  text += ",\"arguments\":{";
  for (const Argument& argument : request.arguments) {
    if (&argument != &request.arguments.front()) text += ',';
    append_json_string(text, argument.name);
    text += ':';
    if (const bool* const flag = std::get_if<bool>(&argument.value)) {
      text += *flag ? "true" : "false";
    } else if (const auto* const number = std::get_if<std::int64_t>(&argument.value)) {
      text += std::to_string(*number);
    } else if (const auto* const word = std::get_if<std::string>(&argument.value)) {
      append_json_string(text, *word);
    } else {
      const auto& numbers = std::get<std::vector<std::int64_t>>(argument.value);
      text += '[';
      for (std::size_t i = 0; i < numbers.size(); ++i) {
        text += (i == 0 ? "" : ",") + std::to_string(numbers[i]);
      }
      text += ']';
    }
  }
  return text + "}}";
}

}  // namespace sorrel::control
