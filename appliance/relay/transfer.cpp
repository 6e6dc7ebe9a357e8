#include "relay/transfer.h"

#include "relay/body_source.h"
#include "text/ascii.h"
#include "wire/smtp_data.h"
#include "wire/smtp_request.h"

#include <algorithm>
#include <format>
#include <utility>

namespace postern::relay {

namespace request = wire::smtp::request;
using namespace std::chrono_literals;
using wire::smtp::ServerReply;

namespace {

// How much may wait for its answer: what the link carries in a moment, found by trying.
class Window {
public:
    [[nodiscard]] std::uint64_t octets() const { return octets_; }

    // A message was answered so long after it was begun.
    void note(core::SteadyTime::duration taken) {
        if (taken < quick) octets_ = std::min(octets_ * 2, most);
        if (taken > slow) octets_ = std::max(octets_ / 2, least);
    }

private:
    static constexpr core::SteadyTime::duration quick = 1s, slow = 3s;
    static constexpr std::uint64_t least = 8 * 1024, most = 256 * 1024;
    std::uint64_t octets_ = 2 * least;
};

// RFC 4954 §6, RFC 3463 §3.8: it wants another login, or does not know us. That is between the administrator and the
// relay, and no fault of the message.
bool is_about_us(ServerReply const& reply) {
    constexpr unsigned codes[] = {530, 534, 535, 538};
    constexpr std::string_view statuses[] = {"5.7.8", "5.7.9", "5.7.11", "5.7.57"};
    return std::ranges::contains(codes, reply.code) || std::ranges::contains(statuses, reply.enhanced);
}

// The relay does not relay for us, or not to there. Which of both nobody knows, so the others are tried all the same;
// but what an administrator may mend is returned to nobody at once.
bool is_about_relaying(ServerReply const& reply) {
    std::string const text = text::lower(reply.text());
    return reply.permanent() && text.contains("relay") &&
           (text.contains("denied") || text.contains("not permitted") || text.contains("prohibited"));
}

std::string status_of(ServerReply const& reply) {
    if (!reply.enhanced.empty()) return reply.enhanced;
    return std::format("{}.0.0", reply.code / 100); // RFC 3463 §3.1: other undefined status
}

class Transfer {
public:
    Transfer(office::Office& office, Upstream& upstream, Feed& feed)
        : office_(office), upstream_(upstream), feed_(feed) {}

    asio::awaitable<TransferEnd> run() {
        while (!failure_) {
            co_await begin_more();
            if (flights_.empty()) break;
            if (flights_.front().answered == flights_.front().steps.size())
                co_await stream(flights_.front());
            else
                co_await take_reply();
        }
        bool suspect = failure_ && failure_->trouble == Trouble::unreachable;
        while (!flights_.empty()) give_up(std::exchange(suspect, false));
        if (next_) feed_.settled(std::move(*next_), std::vector<Outcome>(next_->items.size()));
        co_return TransferEnd{std::move(failure_), transactions_, exhausted()};
    }

private:
    // What the relay answers, in order.
    enum class Step : std::uint8_t { reset, mail, recipient, data, content };

    // A mail transaction under way.
    struct Flight {
        Consignment consignment;
        std::vector<Outcome> outcomes;
        std::vector<bool> accepted{}; // recipients
        std::vector<Step> steps{};    // a large message's content comes after them
        std::size_t asked = 0;        // of the steps: sent, or queued to be
        std::size_t answered = 0;
        std::size_t recipient = 0; // that is answered next
        std::uint64_t octets = 0;  // of its content
        std::string content{};     // as it is sent, of a small one
        std::optional<BodySource> source{};
        bool failed = false; // its MAIL was refused, and what follows does not count
        bool whole = false;  // its content is sent, or queued to be, up to its end
        core::SteadyTime begun{};
    };

    wire::smtp::Extensions const& offers() const { return upstream_.extensions(); }
    bool chunks() const { return offers().chunking; }

    // ---- beginning

    asio::awaitable<void> begin_more() {
        while (!failure_) {
            if (!next_ && !ended_) {
                if (!has_room(0) || exhausted()) co_return;
                next_ = co_await feed_.next();
                ended_ = !next_;
                if (next_) upstream_.count_transaction();
            }
            if (!next_) co_return;
            // A large one waits until all else is answered, and is alone.
            if (!flights_.empty() && (!next_->is_small() || !has_room(next_->size()))) co_return;
            co_await begin(std::move(*std::exchange(next_, std::nullopt)));
        }
    }

    bool exhausted() const { return offers().mail_max && upstream_.transactions() >= *offers().mail_max; }

    bool has_room(std::uint64_t more) const {
        if (flights_.empty()) return true;
        if (!offers().pipelining || !flights_.back().whole) return false; // RFC 2920 §3.1: DATA is the last of a group
        if (!chunks()) return true; // no more than commands go ahead: its content waits until it is asked for
        std::uint64_t octets = more;
        for (Flight const& flight : flights_) octets += flight.octets;
        return octets < window_.octets();
    }

    asio::awaitable<void> begin(Consignment consignment) {
        auto const count = consignment.items.size();
        Flight& flight = flights_.emplace_back(Flight{.consignment = std::move(consignment),
                                                      .outcomes = std::vector<Outcome>(count),
                                                      .accepted = std::vector<bool>(count),
                                                      .begun = office_.clock.steady()});
        auto const refusal = co_await prepare(flight);
        if (refusal) {
            flight.outcomes.assign(count, *refusal);
            settle_back();
            co_return;
        }
        // Where it is not known yet how the one before ends, or it ended early, the relay may think it still goes on.
        if (upstream_.is_left_open() || flights_.size() > 1) flight.steps.push_back(Step::reset);
        upstream_.leave_open(false);
        flight.steps.push_back(Step::mail);
        flight.steps.insert(flight.steps.end(), count, Step::recipient);
        if (flight.consignment.is_small()) {
            if (!chunks()) flight.steps.push_back(Step::data);
            flight.steps.push_back(Step::content);
        }
        ask(flight);
    }

    // What it is to be sent as. An outcome: it cannot be.
    asio::awaitable<std::optional<Outcome>> prepare(Flight& flight) {
        Consignment const& consignment = flight.consignment;
        store::QueueItem const& item = consignment.items.front();
        BodySource& source = flight.source.emplace(office_, flight.consignment);
        bool const too_much =
            item.body_binary ? !chunks() || !offers().binary_mime : item.body_8bit && !offers().eight_bit_mime;
        if (consignment.needs_utf8() && !offers().smtputf8) // RFC 6531 §3.2
            co_return Outcome{Verdict::refused, "550 5.6.7 The relay takes no addresses beyond ASCII", "5.6.7"};
        if (too_much || (item.smtputf8 && !offers().smtputf8)) {
            auto const converted = co_await source.make_seven_bit();
            if (!converted) co_return unreadable();
            if (!*converted)
                co_return Outcome{Verdict::refused,
                                  "554 5.6.3 The relay takes no 8-bit mail, and the message cannot be converted",
                                  "5.6.3"};
        }
        flight.octets = source.size();
        if (offers().size && *offers().size != 0 && flight.octets > *offers().size) // RFC 1870 §6.1
            co_return Outcome{
                Verdict::refused,
                std::format("552 5.3.4 The message has {} octets, the relay takes {}", flight.octets, *offers().size),
                "5.3.4"};
        // RFC 2852 §4.1.4, §3: what is to come back if it is late goes to nobody who does not see to that.
        if (is_timed(item) && item.transfer.late_returns) {
            if (time_left(item) <= 0s) co_return Outcome{Verdict::refused, "554 5.4.7 Its time is over", "5.4.7"};
            if (!offers().deliver_by || time_left(item) < *offers().deliver_by)
                co_return Outcome{Verdict::refused, "554 5.3.3 The relay does not promise delivery in time", "5.3.3"};
        }
        if (!consignment.is_small()) co_return std::nullopt;
        while (true) {
            auto piece = co_await source.next();
            if (!piece) co_return unreadable();
            if (piece->empty()) break;
            flight.content += *piece;
        }
        flight.octets = flight.content.size();
        co_return std::nullopt;
    }

    static bool is_timed(store::QueueItem const& item) { return item.transfer.deliver_by != store::WallTime{}; }
    std::chrono::seconds time_left(store::QueueItem const& item) const {
        constexpr std::chrono::seconds most{999'999'999}; // of nine digits
        return std::clamp<std::chrono::seconds>(item.transfer.deliver_by - office_.clock.wall(), -most, most);
    }

    // As many steps as may be under way: all, but for what has to wait for DATA's answer.
    void ask(Flight& flight) {
        while (flight.asked < flight.steps.size()) {
            if (flight.asked > flight.answered &&
                (!offers().pipelining || flight.steps[flight.asked - 1] == Step::data))
                return;
            ask_step(flight, flight.steps[flight.asked++]);
        }
    }

    void ask_step(Flight& flight, Step step) {
        auto const& items = flight.consignment.items;
        switch (step) {
        case Step::reset: upstream_.queue(request::rset()); break;
        case Step::mail: upstream_.queue(request::mail(items.front().reverse_path, mail_parameters(flight))); break;
        case Step::recipient: {
            auto const behind = flight.steps.begin() + static_cast<std::ptrdiff_t>(flight.asked) - 1;
            auto const number = std::count(flight.steps.begin(), behind, Step::recipient);
            store::QueueItem const& item = items[static_cast<std::size_t>(number)];
            upstream_.queue(request::rcpt(item.recipient, recipient_parameters(item)));
            break;
        }
        case Step::data: upstream_.queue(request::data()); break;
        case Step::content: queue_content(flight); break;
        }
    }

    wire::smtp::MailParameters mail_parameters(Flight const& flight) const {
        store::QueueItem const& item = flight.consignment.items.front();
        using wire::smtp::BodyType;
        wire::smtp::MailParameters parameters;
        if (offers().size) parameters.size = flight.octets;
        if (item.body_8bit && offers().eight_bit_mime) parameters.body = BodyType::eight_bit_mime;
        if (item.body_binary && chunks() && offers().binary_mime) parameters.body = BodyType::binary_mime;
        parameters.smtputf8 = offers().smtputf8 && (item.smtputf8 || flight.consignment.needs_utf8());
        if (offers().dsn) { // RFC 3461 §5.2.1
            parameters.return_content = item.return_content;
            parameters.envelope_id = item.envelope_id;
        }
        if (offers().mt_priority && item.transfer.priority) parameters.priority = *item.transfer.priority;
        if (offers().deliver_by && is_timed(item)) // RFC 2852 §4.1.3: what is left of it
            parameters.deliver_by = {
                .within = time_left(item), .or_return = item.transfer.late_returns, .trace = item.transfer.trace};
        return parameters;
    }

    wire::smtp::RcptParameters recipient_parameters(store::QueueItem const& item) const {
        if (!offers().dsn) return {};
        return {.notify = item.wishes.notify, .original_recipient = item.wishes.original_recipient};
    }

    void queue_content(Flight& flight) {
        if (chunks()) {
            upstream_.queue(request::bdat(flight.content.size(), true));
            upstream_.queue(flight.content);
        } else {
            std::string encoded;
            wire::smtp::DataEncoder encoder;
            // RFC 2920 §3.1: who was asked for data gets some, though nobody is there to have it.
            if (std::ranges::contains(flight.accepted, true)) encoder.feed(flight.content, encoded);
            encoder.finish(encoded);
            upstream_.queue(encoded);
        }
        flight.content = {};
        flight.whole = true;
    }

    // ---- a large message's content, once its recipients are answered

    asio::awaitable<void> stream(Flight& flight) {
        if (!std::ranges::contains(flight.accepted, true)) {
            finish_early();
            co_return;
        }
        if (!chunks()) {
            upstream_.queue(request::data());
            auto const go_ahead = co_await reply();
            if (!go_ahead) co_return;
            if (!go_ahead->intermediate()) {
                decide_accepted(flight, *go_ahead);
                finish_early();
                co_return;
            }
        }
        wire::smtp::DataEncoder encoder;
        std::uint64_t sent = 0;
        unsigned unanswered = 0; // chunks
        while (sent < flight.octets) {
            auto piece = co_await flight.source->next();
            if (!piece || piece->empty())
                co_return fail(Trouble::unreachable, "a message cannot be read; its transfer was broken off");
            sent += piece->size();
            bool const last = sent == flight.octets;
            if (chunks()) {
                upstream_.queue(request::bdat(piece->size(), last));
                upstream_.queue(*piece);
                flight.whole = last;
                ++unanswered;
            } else {
                std::string encoded;
                encoder.feed(*piece, encoded);
                upstream_.queue(encoded);
            }
            if (!co_await upstream_.connection().flush()) co_return fail(Trouble::unreachable, "the connection broke");
            // One chunk ahead, and a relay that has enough is not sent the rest.
            while (unanswered > (last ? 1U : 2U)) {
                auto const to_chunk = co_await reply();
                if (!to_chunk) co_return;
                --unanswered;
                if (to_chunk->positive()) continue;
                decide_accepted(flight, *to_chunk);
                while (unanswered > 0 && co_await reply()) --unanswered;
                finish_early();
                co_return;
            }
        }
        if (!chunks()) {
            std::string end;
            encoder.finish(end);
            upstream_.queue(end);
            flight.whole = true;
        }
        auto const to_content = co_await reply(Upstream::end_of_data_time);
        if (!to_content) co_return;
        take_content(flight, *to_content);
    }

    // ---- answers

    // Nothing: the connection is over, and failure_ says why. RFC 5321 §3.8: 421 ends it, whatever was asked.
    asio::awaitable<std::optional<ServerReply>> reply(std::chrono::seconds patience = Upstream::reply_time) {
        auto reply = co_await upstream_.reply(patience);
        if (!reply) {
            fail(Trouble::unreachable, upstream_.why());
        } else if (reply->code == 421) {
            fail(Trouble::unreachable, "it ended the connection: " + reply->text());
            reply.reset();
        }
        co_return reply;
    }

    asio::awaitable<void> take_reply() {
        Flight& flight = flights_.front();
        Step const step = flight.steps[flight.answered];
        auto const answer = co_await reply(step == Step::content ? Upstream::end_of_data_time : Upstream::reply_time);
        if (!answer) co_return;
        ++flight.answered;
        switch (step) {
        case Step::reset: break;
        case Step::mail:
            if (answer->positive()) break;
            if (is_about_us(*answer)) co_return fail(Trouble::login, "it answered: " + answer->text());
            flight.failed = true;
            for (Outcome& outcome : flight.outcomes) outcome = refusal(*answer);
            break;
        case Step::recipient: take_recipient(flight, *answer); break;
        case Step::data:
            if (answer->intermediate()) break;
            decide_accepted(flight, *answer);
            finish_early();
            co_return;
        case Step::content: take_content(flight, *answer); co_return;
        }
        if (flight.failed && !offers().pipelining)
            finish_early();
        else
            ask(flight);
    }

    void take_content(Flight& flight, ServerReply const& answer) {
        ++transactions_;
        if (!answer.positive()) upstream_.leave_open(true);
        window_.note(office_.clock.steady() - flight.begun);
        decide_accepted(flight, answer);
        settle_front();
    }

    void take_recipient(Flight& flight, ServerReply const& reply) {
        std::size_t const at = flight.recipient++;
        if (flight.failed) return;
        if (reply.positive()) {
            flight.accepted[at] = true;
            return;
        }
        if (is_about_us(reply)) return fail(Trouble::login, "it answered: " + reply.text());
        // RFC 5321 §4.5.3.1.10: too many at a time; the others go next.
        bool const too_many = reply.code == 452 && (reply.enhanced.empty() || reply.enhanced == "4.5.3") &&
                              std::ranges::contains(flight.accepted, true);
        if (too_many) return;
        flight.outcomes[at] = refusal(reply);
        if (is_about_relaying(reply)) flight.outcomes[at].verdict = Verdict::refused_for_now;
    }

    static Outcome refusal(ServerReply const& reply) {
        return {reply.permanent() ? Verdict::refused : Verdict::refused_for_now, reply.text(), status_of(reply)};
    }

    // The answer to the content is for all whom the relay accepted.
    void decide_accepted(Flight& flight, ServerReply const& reply) const {
        for (std::size_t at = 0; at < flight.outcomes.size(); ++at) {
            if (!flight.accepted[at]) continue;
            if (reply.positive())
                flight.outcomes[at] = {.verdict = Verdict::delivered,
                                       .said = reply.text(),
                                       .status = status_of(reply),
                                       .relay_tells = offers().dsn,
                                       .keeps_time = offers().deliver_by.has_value()};
            else
                flight.outcomes[at] = refusal(reply);
        }
    }

    void fail(Trouble trouble, std::string reason) {
        if (!failure_) failure_ = OpenFailure{trouble, std::move(reason)};
    }

    // ---- ends

    void settle(Flight flight) { feed_.settled(std::move(flight.consignment), std::move(flight.outcomes)); }
    void settle_front() {
        Flight flight = std::move(flights_.front());
        flights_.pop_front();
        settle(std::move(flight));
    }
    void settle_back() {
        Flight flight = std::move(flights_.back());
        flights_.pop_back();
        settle(std::move(flight));
    }
    // Before its content: the relay still thinks that the transaction goes on.
    void finish_early() {
        upstream_.leave_open(true);
        settle_front();
    }
    // Of what was under way, and is no more. `suspect`: it may be why.
    void give_up(bool suspect) {
        Flight& flight = flights_.front();
        for (Outcome& outcome : flight.outcomes) {
            if (outcome.verdict != Verdict::unsent) continue;
            outcome.verdict = suspect ? Verdict::cut : Verdict::unsent;
            outcome.in_doubt = flight.whole;
        }
        settle_front();
    }

    office::Office& office_;
    Upstream& upstream_;
    Feed& feed_;
    std::deque<Flight> flights_;
    std::optional<Consignment> next_;
    std::optional<OpenFailure> failure_;
    Window window_;
    std::size_t transactions_ = 0;
    bool ended_ = false; // the feed has nothing more
};

} // namespace

Outcome unreadable() { return {Verdict::refused_for_now, "451 4.3.0 The message cannot be read", "4.3.0"}; }

asio::awaitable<TransferEnd> transfer(office::Office& office, Upstream& upstream, Feed& feed) {
    Transfer transfer(office, upstream, feed);
    co_return co_await transfer.run();
}

} // namespace postern::relay
