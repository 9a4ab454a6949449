#include "ruleset/options.h"

#include <array>
#include <string>

#include "ruleset/names.h"

namespace sorrel::ruleset {
namespace {

struct OptionInfo {
  char letter = 0;  // 0: it has none
  std::string_view long_name;
  bool has_value = false;
  OptionId id = OptionId::append;
};

constexpr auto kOptions = std::to_array<OptionInfo>({
    {'a', {}, true, OptionId::append},
    {'A', {}, true, OptionId::prepend},
    {'d', {}, true, OptionId::remove},
    {'S', {}, true, OptionId::calls},
    {'F', {}, true, OptionId::field},
    {'C', {}, true, OptionId::comparison},
    {'w', {}, true, OptionId::watch},
    {'W', {}, true, OptionId::unwatch},
    {'p', {}, true, OptionId::permission},
    {'k', {}, true, OptionId::key},
    {'D', {}, false, OptionId::delete_all},
    {'e', {}, true, OptionId::enabled},
    {'f', {}, true, OptionId::failure},
    {'r', {}, true, OptionId::rate_limit},
    {'b', {}, true, OptionId::backlog_limit},
    {'q', {}, true, OptionId::equivalent},
    {'t', {}, false, OptionId::trim},
    {'i', {}, false, OptionId::ignore_errors},
    {'c', {}, false, OptionId::go_on},
    {0, "backlog_wait_time", true, OptionId::backlog_wait_time},
    {0, "loginuid-immutable", false, OptionId::loginuid_immutable},
    {0, "reset-lost", false, OptionId::reset_lost},
    {0, "reset_backlog_wait_time_actual", false, OptionId::reset_wait_time_actual},
});

// What auditctl does at once, and what therefore sets nothing.
constexpr std::string_view kOtherLetters = "lsvhmR";

const OptionInfo* find_letter(char letter) noexcept {
  for (const OptionInfo& info : kOptions) {
    if (info.letter == letter && letter != 0) return &info;
  }
  return nullptr;
}

class OptionReader {
 public:
  OptionReader(const Line& line, Findings& findings) : words_(line.words), findings_(findings) {}

  std::vector<Option> read() {
    while (next_ < words_.size()) {
      const Word& word = words_[next_++];
      if (word.text.starts_with("--")) {
        read_long(word);
      } else if (word.text.size() > 1 && word.text[0] == '-') {
        read_short(word);
      } else {
        refuse_stray(word);
      }
    }
    return std::move(options_);
  }

 private:
  void read_short(const Word& word) {
    for (std::size_t i = 1; i < word.text.size(); ++i) {
      const OptionInfo* const info = find_letter(word.text[i]);
      if (info == nullptr) return refuse_letter(word, i);
      Option option{info->id, {{'-', word.text[i]}, word.place_of(i == 1 ? 0 : i), false}, {}};
      if (!info->has_value) {
        options_.push_back(std::move(option));
        continue;
      }
      if (i + 1 < word.text.size()) {
        option.value = word.from(i + 1);
      } else if (!take_value(option)) {
        return;
      }
      options_.push_back(std::move(option));
      return;
    }
  }

  void read_long(const Word& word) {
    const std::size_t equals = word.text.find('=');
    const std::string_view name =
        std::string_view(word.text).substr(2, equals == std::string::npos ? equals : equals - 2);
    for (const OptionInfo& info : kOptions) {
      if (info.long_name.empty() || info.long_name != name) continue;
      Option option{info.id, {word.text.substr(0, equals), word.place, false}, {}};
      if (equals != std::string::npos && info.has_value) {
        option.value = word.from(equals + 1);
      } else if (equals != std::string::npos) {
        return findings_.error(
            word.place_of(equals),
            {"value-stray", "--" + std::string(name) + " has no value", "leave it away"});
      } else if (info.has_value && !take_value(option)) {
        return;
      }
      options_.push_back(std::move(option));
      return;
    }
    refuse_long(word, name);
  }

  // The next word, unless it is an option: a forgotten value would swallow it.
  bool take_value(Option& option) {
    const bool has_next = next_ < words_.size();
    const bool is_option = has_next && words_[next_].text.size() == 2 &&
                           words_[next_].text[0] == '-' && words_[next_].is_plain &&
                           find_letter(words_[next_].text[1]) != nullptr;
    if (has_next && !is_option) {
      option.value = words_[next_++];
      return true;
    }
    std::string why = option.name.text + " has no value";
    if (is_option) why += ": " + words_[next_].text + " follows, which auditctl takes for it";
    findings_.error(option.name.place, {"value-missing", std::move(why), "give it one"});
    return false;
  }

  void refuse_letter(const Word& word, std::size_t i) {
    const char letter = word.text[i];
    const std::string name{'-', letter};
    if (kOtherLetters.find(letter) != std::string_view::npos) {
      findings_.error(
          word.place_of(i),
          {"option-no-rule", name + " sets nothing that lasts: it has no place in a rules file",
           "remove it"});
      next_ = words_.size();
      return;
    }
    findings_.error(word.place_of(i), {"option-unknown", "there is no option " + name,
                                       "see auditctl(8) for those that there are"});
  }

  void refuse_long(const Word& word, std::string_view name) {
    std::vector<std::string_view> names;
    for (const OptionInfo& info : kOptions) {
      if (!info.long_name.empty()) names.push_back(info.long_name);
    }
    const std::string_view nearest = nearest_name(name, names);
    findings_.error(word.place,
                    {"option-unknown", "there is no option '--" + std::string(name) + "'",
                     nearest.empty() ? "see auditctl(8) for those that there are"
                                     : "did you mean '--" + std::string(nearest) + "'?"});
  }

  void refuse_stray(const Word& word) {
    if (word.text.starts_with('#')) {
      findings_.error(word.place,
                      {"comment-trailing", "auditctl knows comments only in lines of their own",
                       "put the comment above the rule"});
      next_ = words_.size();
      return;
    }
    findings_.error(word.place,
                    {"word-stray", "'" + word.text + "' belongs to no option",
                     options_.empty() ? "begin with an option, as -a or -w"
                                      : "quote a value that has spaces, or remove the word"});
  }

  const std::vector<Word>& words_;
  Findings& findings_;
  std::size_t next_ = 0;
  std::vector<Option> options_;
};

}  // namespace

std::vector<Option> read_options(const Line& line, Findings& findings) {
  return OptionReader(line, findings).read();
}

}  // namespace sorrel::ruleset
