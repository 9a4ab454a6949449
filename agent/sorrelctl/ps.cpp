#include <algorithm>
#include <csignal>
#include <cstdio>
#include <string>

#include "commands.h"
#include "control/client.h"
#include "ps_options.h"
#include "ps_rows.h"
#include "ps_table.h"
#include "ps_tree.h"
#include "terminal_text.h"

namespace sorrel::sorrelctl {
namespace {

int fail_with(const Error& error, int status) {
  // What sorreld says may quote what others chose.
  std::string text;
  append_visible(error.to_string(), standard_output().has_utf8, text);
  std::fprintf(stderr, "sorrelctl ps: %s\n", text.c_str());
  return status;
}

control::Request request_for(const PsOptions& options) {
  control::Request request{.command = "ps", .arguments = {}};
  // A tree needs the exited parents too. Who names a process wants it in whatever state it is.
  const bool wants_all = options.all || options.tree || !options.pids.empty();
  const char* const state = options.exited && !options.tree ? "exited"
                            : wants_all                     ? "all"
                                                            : "running";
  request.arguments.push_back({"state", std::string(state)});
  if (!options.tree && !options.pids.empty()) {
    request.arguments.push_back(
        {"pids", std::vector<std::int64_t>(options.pids.begin(), options.pids.end())});
  }
  return request;
}

bool is_named(const PsOptions& options, const PsProcess& process) {
  return std::binary_search(options.pids.begin(), options.pids.end(), process.key.pid);
}

void write_out(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
}

void print_tree(const PsOptions& options, const PsRows& rows, const Terminal& terminal) {
  const std::vector<PsProcess>& processes = rows.processes();
  PsTree tree(processes);
  std::vector<bool> wanted(processes.size(), options.pids.empty());
  for (std::size_t i = 0; i < processes.size() && !options.pids.empty(); ++i) {
    wanted[i] = is_named(options, processes[i]);
  }
  wanted = tree.with_descendants(std::move(wanted));
  for (std::size_t i = 0; i < processes.size(); ++i) {
    const bool in_state = options.all || options.exited == processes[i].has_exited();
    wanted[i] = wanted[i] && (in_state || is_named(options, processes[i]));
  }
  tree.prune(wanted);
  print_ps_tree(rows, tree, terminal, write_out);
}

// Whether all that came could be shown.
bool is_whole(const PsRows& rows) {
  if (rows.dropped() != 0) {
    std::fprintf(stderr, "sorrelctl ps: %zu more processes do not fit into memory; name some\n",
                 rows.dropped());
  }
  if (rows.unreadable() != 0) {
    std::fprintf(stderr, "sorrelctl ps: %zu rows of the answer cannot be read\n",
                 rows.unreadable());
  }
  return rows.dropped() == 0 && rows.unreadable() == 0;
}

// False: standard output takes no more.
bool flush_output() {
  return std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
}

int print_json(control::Client& client, const PsOptions& options) {
  std::string line;
  std::uint64_t rows = 0;
  const auto answer = client.ask(request_for(options), [&](std::string_view row) {
    line.clear();
    append_visible_json(row, line);
    line += '\n';
    write_out(line);
    ++rows;
    return std::ferror(stdout) == 0;
  });
  if (!flush_output()) return kExitFailed;
  if (!answer) return fail_with(answer.error(), kExitFailed);
  return rows == 0 && !options.pids.empty() ? kExitFailed : kExitOk;
}

int print_people(control::Client& client, const PsOptions& options) {
  PsRows rows;
  const auto answer = client.ask(request_for(options), [&](std::string_view row) {
    rows.add(row);
    return true;
  });
  rows.sort();
  const std::vector<PsProcess>& processes = rows.processes();
  const bool has_any = options.pids.empty() || std::any_of(processes.begin(), processes.end(),
                                                           [&](const PsProcess& process) {
                                                             return is_named(options, process);
                                                           });
  if (has_any && (answer || !processes.empty())) {
    const Terminal terminal = standard_output();
    if (options.tree) {
      print_tree(options, rows, terminal);
    } else {
      print_ps_table(rows, std::vector<bool>(processes.size(), true), terminal, write_out);
    }
  }
  if (!flush_output()) return kExitFailed;
  if (!answer) return fail_with(answer.error(), kExitFailed);
  if (!has_any) std::fputs("sorrelctl ps: sorreld knows no such process\n", stderr);
  return is_whole(rows) && has_any ? kExitOk : kExitFailed;
}

}  // namespace

int run_ps(int argc, char** argv) {
  const Result<PsOptions> options = parse_ps_options(argc, argv);
  if (!options) {
    fail_with(options.error(), kExitUsage);
    std::fputs("'sorrelctl ps --help' tells more.\n", stderr);
    return kExitUsage;
  }
  if (options->help) {
    std::fputs(kPsHelp, stdout);
    return kExitOk;
  }
  // A reader that has seen enough (head) ends us without a word, as it ends cat.
  std::signal(SIGPIPE, SIG_DFL);
  Result<control::Client> client = control::Client::connect(options->socket);
  if (!client) return fail_with(client.error(), kExitFailed);
  return options->json ? print_json(*client, *options) : print_people(*client, *options);
}

}  // namespace sorrel::sorrelctl
