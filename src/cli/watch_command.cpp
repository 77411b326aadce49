#include "cli/watch_command.hpp"

#include <algorithm>
#include <memory>
#include <ostream>
#include <utility>

#include "cli/client_settings.hpp"
#include "cli/stack_output.hpp"
#include "cli/text.hpp"
#include "cli/values.hpp"
#include "cli/watch_page.hpp"
#include "cli/watched.hpp"

namespace bddlock::cli {

namespace {

// Of a call once the first has been answered: the next look is the better repeat.
constexpr seconds look_limit{3};

struct WatchOptions {
  ClientSettings client;
  std::string repo;
  seconds interval{2};
  Output output = Output::automatic;
};

bool draws(const Environment& env, Output output) {
  if (output != Output::automatic) return output == Output::table;
  const std::string kind = env.variable("TERM").value_or("");
  return env.out_is_terminal && !kind.empty() && kind != "dumb";
}

Fault fault_in(const Environment& env, const WatchOptions& options) {
  if (options.repo.empty()) return "which repo's stacks? Give --repo or set REPO_NAME";
  if (options.output == Output::table && !env.out_is_terminal)
    return "--output table is for a terminal; plain and json print a line for each change";
  return std::nullopt;
}

// The same surroundings without the words about repeats, which would be told at each look.
Environment quiet(const Environment& env) {
  static std::ostream nowhere(nullptr);
  Environment copy = env;
  copy.err = &nowhere;
  return copy;
}

ClientSettings impatient(ClientSettings settings) {
  settings.timeout = std::min(settings.timeout, look_limit);
  return settings;
}

// An answer that no later look can better: a wrong token, a server that does not know the calls.
bool is_final(const Trouble& trouble) { return trouble.exit != ExitCode::unavailable; }

class LineWatch {
 public:
  LineWatch(const Environment& env, const WatchOptions& options) : env_(env), options_(options) {}

  ExitCode run() {
    auto first = open_remote(env_, options_.client);
    if (!first) return fail(env_, first.error());
    auto seen = read_watched(*first, options_.repo);
    if (!seen) return fail(env_, seen.error());
    const Environment silent = quiet(env_);
    auto remote = open_remote(silent, impatient(options_.client));
    if (!remote) return fail(env_, remote.error());
    for (;;) {
      if (seen) {
        tell(std::move(*seen));
      } else if (is_final(seen.error())) {
        return fail(env_, seen.error());
      } else if (!std::exchange(away_, true)) {
        complain(env_, seen.error().message + "; watching on");
      }
      if (!*env_.out) return ExitCode::ok;  // run() says that it could not be written
      env_.sleep(options_.interval);
      seen = read_watched(*remote, options_.repo);
    }
  }

 private:
  void tell(Watched now) {
    if (std::exchange(away_, false)) complain(env_, "the server answers again");
    const core::Instant at = env_.wall_time();
    *env_.out << (options_.output == Output::json ? json_changes(before_, now, at)
                                                  : plain_changes(before_, now, at))
              << std::flush;
    before_ = std::move(now);
  }

  const Environment& env_;
  const WatchOptions& options_;
  Watched before_;
  bool away_ = false;
};

// An environment whose calls and pauses end when the user wants to go.
Environment interruptible(const Environment& env, const Live& live) {
  Environment copy = quiet(env);
  copy.sleep = [live](milliseconds time) { std::ignore = live.wait(time); };
  copy.connect = [&env, live](const net::Endpoint& endpoint) -> Call {
    return [call = env.connect(endpoint),
            live](net::ClientRequest request) -> std::expected<net::ClientResponse, net::NetError> {
      request.should_stop = live.ended;
      if (live.ended())
        return std::unexpected(net::NetError{.detail = "stopped", .permanent = true});
      return call(request);
    };
  };
  return copy;
}

class ScreenWatch {
 public:
  ScreenWatch(const Environment& env, const WatchOptions& options)
      : env_(env), options_(options), title_(options.repo + " at " + options.client.endpoint) {}

  // The first look is made before the screen is taken: what is wrong with the settings then stands
  // where it can be read.
  ExitCode run() {
    auto first = open_remote(env_, options_.client);
    if (!first) return fail(env_, first.error());
    auto seen = read_watched(*first, options_.repo);
    if (!seen) return fail(env_, seen.error());
    watched_ = std::move(*seen);
    if (const auto trouble = look_on(env_.begin_live())) return fail(env_, *trouble);
    return ExitCode::ok;
  }

 private:
  std::optional<Trouble> look_on(const Live& live) {
    const Environment inner = interruptible(env_, live);
    auto remote = open_remote(inner, impatient(options_.client));
    if (!remote) return remote.error();
    for (;;) {
      if (wait(live) == Stir::end || !*env_.out) return std::nullopt;
      auto seen = read_watched(*remote, options_.repo);
      if (live.ended()) return std::nullopt;
      if (seen) {
        watched_ = std::move(*seen);
        trouble_.clear();
      } else if (is_final(seen.error())) {
        return seen.error();
      } else if (trouble_.empty()) {
        trouble_ =
            "no answer since " + core::to_rfc3339(env_.wall_time()) + ": " + seen.error().message;
      }
    }
  }

  // Draws, and again at once in each new size, until it is time for the next look.
  Stir wait(const Live& live) {
    const milliseconds until = env_.since_boot() + options_.interval;
    for (;;) {
      draw(live.size());
      const milliseconds left = until - env_.since_boot();
      const Stir stir = live.wait(std::max(left, milliseconds(0)));
      if (stir != Stir::resized) return stir;
    }
  }

  void draw(TerminalSize size) {
    auto page = watch_page(watched_, title_, trouble_, size);
    // A terminal of another size may show the same lines in other places.
    if (page == shown_ && size == shown_size_) return;
    *env_.out << drawn(page) << std::flush;
    shown_ = std::move(page);
    shown_size_ = size;
  }

  const Environment& env_;
  const WatchOptions& options_;
  std::string title_;
  std::string trouble_;
  Watched watched_;
  std::vector<std::string> shown_;
  TerminalSize shown_size_;
};

ExitCode watch(const Environment& env, const WatchOptions& options) {
  if (draws(env, options.output)) return ScreenWatch(env, options).run();
  return LineWatch(env, options).run();
}

}  // namespace

Command watch_command(const Environment& env) {
  auto options = std::make_shared<WatchOptions>();
  Option output = output_option(options->output);
  output.fallback = "table on a terminal, else plain";
  Command command{
      .name = "watch",
      .summary = "shows a repo's stacks and its waiting line as they change",
      .about =
          "On a terminal a table that is redrawn in place; q or Ctrl-C ends it. Otherwise a "
          "line for each\n"
          "change, first one for each stack and request that is there: when it was seen, what, "
          "stack or\n"
          "request, states or places, fencing token or number of stacks, until or since when, "
          "holder. Claims\n"
          "that are extended are no change. JSON is one object a line. It goes on while the "
          "server is away.\n",
      .examples =
          "  bdd-lock watch --repo paymentService\n"
          "  bdd-lock watch --repo paymentService --output json | tee changes.jsonl\n",
      .options = {repo_option(options->repo, "the repo to watch"),
                  {.name = "interval",
                   .value = "TIME",
                   .fallback = "2s",
                   .help = "from one look to the next; 1s to 1h",
                   .assign = into(options->interval,
                                  [](std::string_view text) {
                                    return parse_duration(text, seconds(1), std::chrono::hours(1));
                                  })},
                  std::move(output)},
      .check = [&env, options] { return fault_in(env, *options); },
      .run = [&env, options] { return static_cast<int>(watch(env, *options)); }};
  for (Option& option : client_options(options->client))
    command.options.push_back(std::move(option));
  command.options.push_back(config_option());
  return command;
}

}  // namespace bddlock::cli
