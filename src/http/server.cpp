// Called by app; calls session.cpp for each connection. Holds what there is once: the listener, the
// one timer for all limits, the signals, and the way out.
#include "http/server.hpp"

#include <boost/asio/basic_signal_set.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/post.hpp>
#include <csignal>
#include <deque>

#include "http/listener.hpp"
#include "http/session.hpp"

namespace bddlock::http {
namespace asio = boost::asio;
using ErrorCode = boost::system::error_code;
using SteadyClock = std::chrono::steady_clock;
namespace {

constexpr std::size_t advanced_at_once = 16;

using Timer = asio::basic_waitable_timer<SteadyClock, asio::wait_traits<SteadyClock>, Executor>;

class AsioServer final : public Server {
 public:
  AsioServer(std::unique_ptr<Hub> hub, Acceptor acceptor)
      : hub_(std::move(hub)),
        acceptor_(std::move(acceptor)),
        port_(acceptor_.local_endpoint().port()),
        timer_(hub_->io),
        signals_(hub_->io),
        interval_(look_interval(hub_->limits)) {
    hub_->mailbox =
        std::make_shared<Mailbox>([this] { asio::post(hub_->io, [this] { deliver(); }); });
  }

  ~AsioServer() override { hub_->mailbox->close(); }

  std::uint16_t local_port() const override { return port_; }
  void every(std::chrono::milliseconds interval, OnTick tick) override {
    tickers_.push_back(std::make_unique<Ticker>(Timer(hub_->io), interval, std::move(tick)));
  }
  void hold_answers() override { hub_->mailbox->hold(); }
  void let_answers_go() override { hub_->mailbox->let_go(); }
  void when_stopping(OnTick stopping) override { stopping_ = std::move(stopping); }
  void run(bool on_signals) override;
  void stop() override {
    asio::post(hub_->io, [this] { drain(); });
  }

 private:
  void accept();
  void on_accept(Socket socket);
  void deliver();
  void advance_some();
  void advance_first();
  struct Ticker {
    Timer timer;
    std::chrono::milliseconds interval;
    OnTick tick;
  };
  static void wait_ticker(Ticker& ticker);
  void wait_timer();
  void look(SteadyClock::time_point now);
  void wait_signal();
  void drain();
  void end_if_drained();

  std::unique_ptr<Hub> hub_;
  Acceptor acceptor_;
  std::uint16_t port_;
  Timer timer_;
  asio::basic_signal_set<Executor> signals_;
  std::chrono::milliseconds interval_;
  std::vector<std::unique_ptr<Ticker>> tickers_;
  OnTick stopping_;
  SteadyClock::time_point drain_until_;
  bool accept_paused_ = false;
  std::vector<Delivery> delivered_;
  std::deque<std::shared_ptr<Session>> touched_;  // by an answer: they are to advance
  bool advance_posted_ = false;                   // their next portion is on its way
};

void AsioServer::run(bool on_signals) {
  std::signal(SIGPIPE, SIG_IGN);
  if (on_signals) wait_signal();
  accept();
  wait_timer();
  for (const auto& ticker : tickers_) wait_ticker(*ticker);
  hub_->io.run();

  hub_->mailbox->close();
  acceptor_.close();
  while (!touched_.empty()) advance_first();
  while (!hub_->sessions.empty()) {
    const auto session = hub_->sessions.back();
    session->close();
  }
  // Lets the aborted operations go, which keep their sessions alive.
  timer_.cancel();
  for (const auto& ticker : tickers_) ticker->timer.cancel();
  signals_.clear();
  if (on_signals) {
    // One more of them, while the caller closes the store, must not kill it.
    std::signal(SIGTERM, SIG_IGN);
    std::signal(SIGINT, SIG_IGN);
    std::signal(SIGHUP, SIG_IGN);
  }
  hub_->draining = false;  // or the first of them would end the poll() before the others
  hub_->io.restart();
  hub_->io.poll();
}

void AsioServer::accept() {
  acceptor_.async_accept([this](const ErrorCode& error, Socket socket) {
    if (!acceptor_.is_open()) return;
    if (!error) on_accept(std::move(socket));
    // Out of files or memory: the connection stays in the backlog, and asking again at once would
    // spin. The timer resumes.
    const bool gone = error == asio::error::connection_aborted;
    accept_paused_ = error && !gone;
    if (!accept_paused_) accept();
  });
}

std::string peer_of(const Socket& socket) {
  ErrorCode error;
  const auto endpoint = socket.remote_endpoint(error);
  return error ? std::string() : endpoint.address().to_string();
}

void AsioServer::on_accept(Socket socket) {
  // Those being refused are connections too; past this share of them a client is cut off without a
  // word.
  const std::size_t refused_max = 16 + hub_->limits.connections / 16;
  const bool full = hub_->sessions.size() - hub_->refused >= hub_->limits.connections;
  if (full && hub_->refused >= refused_max) return;
  ErrorCode ignored;
  socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  socket.non_blocking(true, ignored);
  std::string peer = hub_->on_access ? peer_of(socket) : std::string();
  const auto session = std::make_shared<Session>(*hub_, std::move(socket), std::move(peer));
  if (full)
    session->start_refused();
  else
    session->start();
}

// All answers that have come in, then each session once: what it has ready goes out in one write.
// Those whose turn has not come from the last time stand in front.
void AsioServer::deliver() {
  hub_->mailbox->take(delivered_);
  for (auto& [to, exchange, what] : delivered_) {
    auto session = to.lock();
    if (!session) continue;
    if (auto* response = std::get_if<api::Response>(&what))
      session->note_answer(exchange, std::move(*response));
    else
      session->note_piece(exchange, std::move(std::get<Piece>(what)));
    if (!std::exchange(session->advance_pending, true)) touched_.push_back(std::move(session));
  }
  delivered_.clear();
  if (!advance_posted_) advance_some();
}

// A portion at a time. Writing a hundred answers takes a millisecond and more, in which whoever
// works on requests would run out of them if nothing was read.
void AsioServer::advance_some() {
  for (std::size_t i = 0; i < advanced_at_once && !touched_.empty(); ++i) advance_first();
  hub_->mailbox->give_back(hub_->written);
  advance_posted_ = !touched_.empty();
  if (advance_posted_) asio::post(hub_->io, [this] { advance_some(); });
  end_if_drained();
}

void AsioServer::advance_first() {
  const auto session = std::move(touched_.front());
  touched_.pop_front();
  session->advance_pending = false;
  session->advance();
}

void AsioServer::wait_ticker(Ticker& ticker) {
  ticker.timer.expires_after(ticker.interval);
  ticker.timer.async_wait([&ticker](const ErrorCode& error) {
    if (error) return;
    ticker.tick();
    wait_ticker(ticker);
  });
}

void AsioServer::wait_timer() {
  timer_.expires_after(interval_);
  timer_.async_wait([this](const ErrorCode& error) {
    if (error) return;
    look(SteadyClock::now());
    wait_timer();
  });
}

void AsioServer::look(SteadyClock::time_point now) {
  // Backwards, because one that closes is replaced by the last.
  for (std::size_t i = hub_->sessions.size(); i-- > 0;) {
    const auto session = hub_->sessions[i];
    session->check_time(now);
  }
  if (std::exchange(accept_paused_, false) && acceptor_.is_open()) accept();
  if (hub_->draining && now >= drain_until_) hub_->io.stop();
  end_if_drained();
}

void AsioServer::wait_signal() {
  signals_.add(SIGTERM);
  signals_.add(SIGINT);
  signals_.add(SIGHUP);  // the terminal is gone
  signals_.async_wait([this](const ErrorCode& error, int) {
    if (error) return;
    // A second one means now.
    if (hub_->draining) return hub_->io.stop();
    drain();
    wait_signal();
  });
}

void AsioServer::drain() {
  if (std::exchange(hub_->draining, true)) return;
  drain_until_ = SteadyClock::now() + hub_->limits.drain_time;
  acceptor_.close();
  if (stopping_) stopping_();
  const auto sessions = hub_->sessions;
  for (const auto& session : sessions) session->drain();
  end_if_drained();
}

void AsioServer::end_if_drained() {
  if (hub_->draining && hub_->sessions.empty()) hub_->io.stop();
}

}  // namespace

std::expected<std::unique_ptr<Server>, std::string> Server::listen(const std::string& address,
                                                                   std::uint16_t port,
                                                                   Limits limits,
                                                                   OnRequest on_request,
                                                                   OnAccess on_access) {
  auto hub = std::make_unique<Hub>();
  hub->limits = limits;
  hub->on_request = std::move(on_request);
  hub->on_access = std::move(on_access);
  auto acceptor = open_listener(hub->io, address, port);
  if (!acceptor) return std::unexpected(acceptor.error());
  raise_open_files(limits.connections);
  return std::make_unique<AsioServer>(std::move(hub), std::move(*acceptor));
}

}  // namespace bddlock::http
