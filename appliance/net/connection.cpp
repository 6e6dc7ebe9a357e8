#include "net/connection.h"

#include "core/log.h"
#include "net/deflate_stream.h"
#include "net/tls.h"
#include "net/tls_stream.h"

#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace postern::net {

namespace {

// Sent at a time: what must get through before the patience with a slow reader begins anew. Few system calls for long
// answers, and little enough for the slowest link.
constexpr std::size_t portion = 64 * 1024;

// Read at a time where nobody says how much: idle connections hold no more. One TLS record.
constexpr std::size_t input_portion = 16 * 1024;

// Read at a time where memory is short: it is always there.
constexpr std::size_t least_read = 4 * 1024;

// Where every connection of a thread reads to (Stream::read_some), to keep no more than what came.
constexpr std::size_t most_read = 64 * 1024;
thread_local std::array<char, most_read> arrivals;

} // namespace

// One timer for all that a connection waits for. Setting it later, as each command does, only notes the time: the timer
// finds out when it fires. Its handler may run after the connection is gone, hence the shared ownership.
class Connection::Deadline : public std::enable_shared_from_this<Deadline> {
public:
    Deadline(asio::any_io_executor const& executor, Connection& owner) : timer_(executor), owner_(&owner) {}

    void set(std::chrono::seconds from_now) {
        expired_ = false;
        at_ = Timer::clock_type::now() + from_now;
        schedule();
    }
    // Brings it forward.
    void at_most(std::chrono::seconds from_now) {
        at_ = std::min(at_, Timer::clock_type::now() + from_now);
        schedule();
    }
    void clear() { at_ = never; }
    [[nodiscard]] bool expired() const { return expired_; }
    void abandon() {
        owner_ = nullptr;
        timer_.cancel();
    }

private:
    using Timer = asio::steady_timer;
    static constexpr Timer::time_point never = Timer::time_point::max();

    void schedule() {
        if (scheduled_ <= at_) return;
        scheduled_ = at_;
        timer_.expires_at(at_);
        timer_.async_wait([self = shared_from_this()](boost::system::error_code error) {
            if (!error) self->fired();
        });
    }

    void fired() {
        Timer::time_point const now = Timer::clock_type::now();
        if (owner_ == nullptr || now < scheduled_) return; // the latter: it fired just before it was set anew
        scheduled_ = never;
        if (now < at_) {
            schedule();
            return;
        }
        at_ = never;
        expired_ = true;
        owner_->stream_->cancel();
    }

    Timer timer_;
    Connection* owner_;
    Timer::time_point at_ = never;        // what is wanted
    Timer::time_point scheduled_ = never; // when the timer fires, never later than at_
    bool expired_ = false;
};

Connection::Connection(std::unique_ptr<Stream> stream, Endpoints endpoints, Event& stop, MemoryShare memory)
    : stream_(std::move(stream)),
      endpoints_(std::move(endpoints)),
      stop_(stop),
      deadline_(std::make_shared<Deadline>(stream_->executor(), *this)),
      memory_(std::move(memory)) {
    stop_.add(stop_alarm_);
}

Connection::~Connection() { deadline_->abandon(); }

std::string_view Connection::input() const { return std::string_view(input_).substr(consumed_); }

void Connection::consume(std::size_t octets) { consumed_ = std::min(consumed_ + octets, input_.size()); }

asio::awaitable<Input> Connection::fill(std::size_t most) { return fill(most, nullptr); }

asio::awaitable<Input> Connection::fill_or(Event& event) { return fill(input_portion, &event); }

asio::awaitable<Input> Connection::fill(std::size_t most, Event* event) {
    if (!co_await send_output(idle_)) co_return Input::closed;

    // An idle connection holds no buffers.
    input_.erase(0, std::exchange(consumed_, 0));
    input_.shrink_to_fit();
    memory_.account(held());

    Alarm alarm(*this);
    if (event != nullptr) event->add(alarm);
    deadline_->set(idle_);
    for (;;) {
        if (auto const interrupted = interruption(event)) co_return *interrupted;
        std::error_code error;
        {
            Wait const wait(*this, Waiting::input);
            error = co_await stream_->wait_readable();
        }
        if (!error) {
            // It may have been raised after the stream became readable and before we ran: no use in cancelling then.
            if (auto const interrupted = interruption(event)) co_return *interrupted;
            Wait const wait(*this, Waiting::input);
            if (!memory_.resize(held() + most)) most = std::min(most, least_read);
            auto const octets = co_await stream_->read_some(std::span(arrivals).first(std::min(most, most_read)));
            input_.append(arrivals.data(), octets.value_or(0));
            memory_.account(held());
            if (octets && *octets > 0) {
                deadline_->clear();
                co_return Input::data;
            }
            if (octets) co_return Input::closed;
            error = octets.error();
        }
        if (error != std::errc::operation_canceled) {
            if (deflate_ != nullptr && !deflate_->fault().empty())
                core::log(core::Event::compression_failed,
                          {{"peer", endpoints_.peer_address}, {"reason", deflate_->fault()}});
            fail();
            co_return Input::closed;
        }
    }
}

// Why a wait for input is to end without any, if it is.
std::optional<Input> Connection::interruption(Event* event) {
    if (stop_.raised()) return Input::shutdown;
    if (dismissed_) return Input::dismissed;
    if (deadline_->expired()) return Input::timed_out;
    if (event != nullptr && event->raised()) {
        event->clear();
        return Input::event;
    }
    return std::nullopt;
}

// `stop` was raised, or the event that fill_or waits for, or it was dismissed.
void Connection::interrupt() {
    switch (waiting_) {
    case Waiting::nothing:
    case Waiting::farewell: break;
    case Waiting::output: deadline_->at_most(farewell_time); break;
    case Waiting::input:
    case Waiting::handshake: stream_->cancel(); break;
    }
}

void Connection::dismiss() {
    dismissed_ = true;
    interrupt();
}

void Connection::queue(std::string_view octets) {
    if (failed_) return;
    output_ += octets;
    memory_.account(held());
}

std::size_t Connection::held() const {
    return (tls_ ? idle_tls_octets : idle_octets) + (deflate_ ? deflate_->held_octets() : 0) + input_.capacity() +
           output_.capacity();
}

void Connection::queue_whole(std::string octets) {
    if (!output_.empty() || failed_) return queue(octets);
    output_ = std::move(octets);
    memory_.account(held());
}

asio::awaitable<bool> Connection::flush() { return send_output(idle_); }

asio::awaitable<bool> Connection::flush_if_full() {
    if (output_.size() <= output_high_water) co_return !failed_;
    co_return co_await send_output(idle_);
}

asio::awaitable<bool> Connection::send_output(std::chrono::seconds patience) {
    if (output_.empty() || failed_) co_return !failed_;
    std::string const sending = std::exchange(output_, {});
    for (std::string_view rest = sending; !rest.empty(); rest.remove_prefix(std::min(portion, rest.size()))) {
        Wait const wait(*this, Waiting::output);
        deadline_->set(stop_.raised() || dismissed_ ? std::min(patience, farewell_time) : patience);
        if (std::error_code const error = co_await stream_->write_all(rest.substr(0, portion))) {
            fail();
            co_return false;
        }
    }
    deadline_->clear();
    co_return true; // what was sent is accounted for until more is read or queued
}

void Connection::fail() {
    failed_ = true;
    output_ = {};
}

void Connection::set_idle_time(std::chrono::seconds idle) { idle_ = idle; }

asio::awaitable<bool> Connection::start_tls(TlsServer& tls) {
    if (!co_await flush()) co_return false;
    auto const done = co_await shake_hands(tls.wrap(std::move(stream_)));
    if (!done) core::log(core::Event::tls_failed, {{"peer", endpoints_.peer_address}, {"reason", done.error()}});
    co_return done.has_value();
}

asio::awaitable<std::expected<void, std::string>> Connection::start_tls(TlsClient const& tls, std::string server_name) {
    if (!co_await flush()) co_return std::unexpected("the connection broke");
    co_return co_await shake_hands(tls.wrap(std::move(stream_), std::move(server_name)));
}

asio::awaitable<std::expected<void, std::string>> Connection::shake_hands(std::unique_ptr<TlsStream> tls) {
    input_ = {};
    consumed_ = 0;
    TlsStream& handshaking = *tls;
    stream_ = std::move(tls);
    if (!memory_.resize(idle_tls_octets)) {
        fail();
        co_return std::unexpected("there is no memory for it");
    }
    Wait const wait(*this, Waiting::handshake);
    deadline_->set(handshake_time);
    std::error_code const error = co_await handshaking.handshake();
    deadline_->clear();
    if (error) {
        fail();
        if (deadline_->expired()) co_return std::unexpected("it took too long");
        std::string const untrusted = handshaking.why_untrusted();
        co_return std::unexpected(untrusted.empty() ? error.message() : untrusted);
    }
    tls_ = true;
    co_return std::expected<void, std::string>{};
}

bool Connection::is_tls() const { return tls_; }

asio::awaitable<bool> Connection::start_compression(std::string_view agreement) {
    if (!memory_.resize(held() + DeflateStream::most_octets)) co_return false;
    queue(agreement);
    (void)co_await flush(); // a peer that is gone is found out when more is read
    auto wrapped = std::make_unique<DeflateStream>(std::move(stream_), std::string(input()));
    deflate_ = wrapped.get();
    stream_ = std::move(wrapped);
    input_ = {};
    consumed_ = 0;
    co_return true;
}

std::vector<ChannelBinding> Connection::channel_bindings() const { return stream_->channel_bindings(); }
std::string Connection::tls_description() const { return stream_->tls_description(); }

Endpoints const& Connection::endpoints() const { return endpoints_; }

asio::any_io_executor Connection::executor() const { return stream_->executor(); }

asio::awaitable<void> Connection::close() {
    if (!co_await send_output(farewell_time)) co_return;
    Wait const wait(*this, Waiting::farewell);
    deadline_->set(farewell_time);
    co_await stream_->close();
    deadline_->clear();
    fail();
}

} // namespace postern::net
