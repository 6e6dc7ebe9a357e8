#include "fetch/imap_provider.h"

#include "store/schema.h"
#include "text/ascii.h"
#include "wire/imap_request.h"

#include <algorithm>
#include <charconv>
#include <format>
#include <utility>

namespace postern::fetch {

namespace imap = wire::imap;
using store::RelaySecurity;
using wire::imap::Condition;
using wire::imap::FetchReply;
using wire::imap::ReadReply;
using wire::imap::ReplyReading;

namespace {

constexpr std::string_view ill_behaved = "what it says is not IMAP";

// A number in a response code; 0: there is none.
template <typename Number> Number number_in(std::string_view text) {
    Number number = 0;
    (void)std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

} // namespace

ImapProvider::ImapProvider(office::Office& office, Intake& intake, net::Dialed dialed)
    : Provider(office, intake, std::move(dialed), {}) {}

std::string ImapProvider::tag() { return std::format("A{}", ++tags_); }

bool ImapProvider::offers(std::string_view capability) const {
    return std::ranges::contains(capabilities_, capability);
}

std::string ImapProvider::id_of(store::Uid uid) const { return ids_begin() + store::u32_key(core::number(uid)); }

std::string ImapProvider::ids_begin() const { return intake_.place() + store::u32_key(core::number(uid_validity_)); }

bool ImapProvider::keeps_all() const { return !source().keep_days && !source().mark_seen; }

// ---- what is said

asio::awaitable<std::expected<ReadReply, Failure>> ImapProvider::next(std::string_view when,
                                                                      std::chrono::seconds patience) {
    while (true) {
        auto read = replies_.next(connection_.input());
        octets_.assign(read.octets);
        read.octets = octets_;
        connection_.consume(read.consumed);
        switch (read.outcome) {
        case ReplyReading::reply: {
            note(read.reply);
            if (auto failure = goodbye(read.reply, when)) co_return std::unexpected(std::move(*failure));
            co_return read;
        }
        case ReplyReading::body: co_return read;
        case ReplyReading::malformed: co_return std::unexpected(failed(Trouble::unreachable, ill_behaved));
        case ReplyReading::partial: break;
        }
        if (!co_await fill(patience)) co_return std::unexpected(lost(when));
    }
}

// RFC 3501 §7.1.5
std::optional<Failure> ImapProvider::goodbye(imap::Reply const& reply, std::string_view when) {
    auto const* status = std::get_if<Status>(&reply);
    if (status == nullptr || !status->tag.empty() || status->condition != Condition::bye) return std::nullopt;
    break_off(std::format("it said goodbye ({})", status->text));
    return lost(when);
}

void ImapProvider::note(imap::Reply const& reply) {
    if (auto const* exists = std::get_if<imap::ExistsReply>(&reply)) {
        exists_ = exists->messages;
        news_ = true;
    }
    if (auto const* capabilities = std::get_if<imap::CapabilityReply>(&reply)) {
        capabilities_ = capabilities->names;
        knows_capabilities_ = true;
    }
    auto const* status = std::get_if<Status>(&reply);
    if (status == nullptr) return;
    if (status->code == "CAPABILITY") {
        capabilities_ = imap::parse_capabilities(status->code_arguments);
        knows_capabilities_ = true;
    }
    if (status->code == "UIDVALIDITY")
        uid_validity_ = static_cast<store::UidValidity>(number_in<std::uint32_t>(status->code_arguments));
    if (status->code == "HIGHESTMODSEQ") highest_mod_sequence_ = number_in<std::uint64_t>(status->code_arguments);
    if (!enable_tag_.empty() && status->tag == enable_tag_) tells_vanished_ = status->condition == Condition::ok;
    if (status->code == "UIDNEXT")
        uid_next_ = static_cast<store::Uid>(number_in<std::uint32_t>(status->code_arguments));
}

asio::awaitable<std::expected<imap::StatusReply, Failure>>
ImapProvider::command(std::string octets, std::string_view tag, std::string_view when) {
    connection_.queue(octets);
    while (true) {
        auto read = co_await next(when);
        if (!read) co_return std::unexpected(std::move(read.error()));
        auto* const status = std::get_if<Status>(&read->reply);
        if (read->outcome == ReplyReading::reply && status != nullptr && status->tag == tag)
            co_return std::move(*status);
    }
}

// RFC 5530 §3: what will pass is as if it could not be reached.
Trouble ImapProvider::trouble_of(Status const& status, Trouble otherwise) {
    constexpr std::string_view passing[] = {"UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG"};
    return std::ranges::contains(passing, status.code) ? Trouble::unreachable : otherwise;
}

// ---- the beginning

asio::awaitable<std::optional<Failure>> ImapProvider::begin(office::TlsTrust const& trust) {
    if (auto failure = co_await greet()) co_return failure;
    if (source().security == RelaySecurity::starttls) {
        if (auto failure = co_await learn_capabilities()) co_return failure;
        if (!offers("STARTTLS")) co_return failed(Trouble::tls, "it offers no STARTTLS");
        auto const tag = this->tag();
        auto const answer = co_await command(imap::request::starttls(tag), tag, "after STARTTLS");
        if (!answer) co_return answer.error();
        if (answer->condition != Condition::ok) co_return answered(Trouble::tls, "STARTTLS", answer->text);
        if (auto failure = co_await start_tls(trust)) co_return failure;
        // RFC 3501 §6.2.1: what was said in plain text counts for nothing.
        replies_ = {};
        knows_capabilities_ = false;
    }
    if (auto failure = co_await learn_capabilities()) co_return failure;
    if (auto failure = co_await log_in()) co_return failure;
    if (auto failure = co_await learn_capabilities()) co_return failure;
    co_return co_await select();
}

// RFC 3501 §7.1
asio::awaitable<std::optional<Failure>> ImapProvider::greet() {
    auto const read = co_await next("before its greeting");
    if (!read) co_return read.error();
    auto const* greeting = std::get_if<Status>(&read->reply);
    if (greeting == nullptr || !greeting->tag.empty()) co_return failed(Trouble::refused, ill_behaved);
    if (greeting->condition == Condition::ok) co_return std::nullopt;
    // Logged in already, as whoever: not the one whose login we have (PREAUTH).
    co_return answered(Trouble::refused, "our connection", greeting->text);
}

asio::awaitable<std::optional<Failure>> ImapProvider::learn_capabilities() {
    if (knows_capabilities_) co_return std::nullopt;
    auto const tag = this->tag();
    auto const answer = co_await command(imap::request::capability(tag), tag, "after CAPABILITY");
    if (!answer) co_return answer.error();
    if (answer->condition != Condition::ok) co_return answered(Trouble::refused, "CAPABILITY", answer->text);
    co_return std::nullopt;
}

asio::awaitable<std::optional<Failure>> ImapProvider::log_in() {
    std::vector<std::string> mechanisms;
    for (std::string const& capability : capabilities_)
        if (capability.starts_with("AUTH=")) mechanisms.push_back(capability.substr(5));
    login_tag_ = tag();
    bool const initial_response = offers("SASL-IR"); // RFC 4959
    auto done = co_await authenticate(login_tag_ + " AUTHENTICATE", mechanisms, initial_response);
    if (done && !*done) done = co_await log_in_plainly();
    if (!done) co_return done.error();
    if (!*done) co_return failed(Trouble::login, "it offers no way to log in that is safe on this connection");
    co_return std::nullopt;
}

// RFC 3501 §6.2.3
asio::awaitable<std::expected<bool, Failure>> ImapProvider::log_in_plainly() {
    if (offers("LOGINDISABLED") || source().token) co_return false;
    login_tag_ = tag();
    bool const literal_plus = offers("LITERAL+") || offers("LITERAL-");
    for (core::Secret const& piece :
         imap::request::login(login_tag_, source().login, source().password, literal_plus)) {
        connection_.queue(piece.reveal());
        auto const answer = co_await login_answer();
        if (!answer) co_return std::unexpected(answer.error());
        switch (answer->kind) {
        case LoginAnswer::Kind::challenge: break;
        case LoginAnswer::Kind::done: co_return true;
        case LoginAnswer::Kind::busy:
            co_return std::unexpected(answered(Trouble::unreachable, "our login", answer->text));
        case LoginAnswer::Kind::refused: co_return std::unexpected(answered(Trouble::login, "our login", answer->text));
        }
    }
    co_return std::unexpected(failed(Trouble::login, "its login does not end"));
}

asio::awaitable<std::expected<Provider::LoginAnswer, Failure>> ImapProvider::login_answer() {
    knows_capabilities_ = false; // RFC 3501 §6.1.1: others may be offered to who logged in
    while (true) {
        auto read = co_await next("during the login");
        if (!read) co_return std::unexpected(std::move(read.error()));
        if (auto* const continuation = std::get_if<imap::ContinuationReply>(&read->reply))
            co_return LoginAnswer{LoginAnswer::Kind::challenge, std::move(continuation->text)};
        auto* const status = std::get_if<Status>(&read->reply);
        if (status == nullptr || status->tag != login_tag_) continue;
        auto kind = LoginAnswer::Kind::done;
        if (status->condition != Condition::ok)
            kind = trouble_of(*status, Trouble::login) == Trouble::login ? LoginAnswer::Kind::refused
                                                                         : LoginAnswer::Kind::busy;
        co_return LoginAnswer{kind, std::move(status->text)};
    }
}

// RFC 3501 §6.3.1
asio::awaitable<std::optional<Failure>> ImapProvider::select() {
    // RFC 7162 §3.2.3; its answer comes before that to SELECT.
    if (offers("QRESYNC") && offers("ENABLE")) {
        enable_tag_ = tag();
        connection_.queue(imap::request::enable(enable_tag_, "QRESYNC"));
    }
    auto const tag = this->tag();
    read_only_ = keeps_all();
    auto const answer = co_await command(
        imap::request::select(tag, source().mailbox, read_only_, offers("CONDSTORE") || !enable_tag_.empty()), tag,
        "while the mailbox was opened");
    if (!answer) co_return answer.error();
    mod_sequence_ = highest_mod_sequence_;
    if (answer->condition != Condition::ok) {
        auto failure = answered(trouble_of(*answer, Trouble::refused),
                                std::format("our wish for the mailbox {}", source().mailbox), answer->text);
        if (failure.trouble == Trouble::refused) failure.reason += co_await list_mailboxes();
        co_return failure;
    }
    if (!keeps_all() && answer->code == "READ-ONLY")
        co_return failed(Trouble::refused, std::format("nothing can be removed from the mailbox {}", source().mailbox));
    if (uid_validity_ == store::UidValidity{})
        co_return failed(Trouble::refused, "it has no lasting numbers for messages (UIDVALIDITY)");
    contents_ = std::format("{} messages in {}", exists_, source().mailbox);
    co_return std::nullopt;
}

// "; there are INBOX, Archive"
asio::awaitable<std::string> ImapProvider::list_mailboxes() {
    constexpr std::size_t most_shown = 30;
    std::string names;
    std::size_t shown = 0;
    auto const tag = this->tag();
    connection_.queue(imap::request::list(tag));
    while (true) {
        auto const read = co_await next("after LIST");
        if (!read) break;
        if (auto const* listed = std::get_if<imap::ListReply>(&read->reply); listed && shown++ < most_shown)
            names += (names.empty() ? "" : ", ") + listed->name;
        if (auto const* status = std::get_if<Status>(&read->reply); status && status->tag == tag) break;
    }
    co_return names.empty() ? "" : std::format("; there are {}", names);
}

// ---- a pass

asio::awaitable<std::optional<Failure>> ImapProvider::collect() {
    if (auto failure = co_await intake_.load()) co_return failure;
    if (auto failure = co_await intake_.enter(uid_validity_, uid_next_)) co_return failure;
    intake_.disown([begin = ids_begin()](std::string_view id) { return !id.starts_with(begin); });
    auto const complete = co_await survey();
    if (!complete) co_return complete.error();
    fetched_now_ = {};
    // Nothing small waits for something large: neither what is there, nor what comes meanwhile.
    std::vector<Wanted> small, stubs, large;
    for (Survey::Message const& message : intake_.survey->open) {
        auto const id = id_of(message.uid);
        if (!intake_.wants(id, message.size)) continue;
        Wanted one{.uid = message.uid, .size = message.size, .internal_date = message.internal_date};
        if (intake_.comes_as_stub(id, one.size))
            stubs.push_back(one);
        else
            (one.size <= small_octets ? small : large).push_back(one);
    }
    if (auto failure = co_await fetch(std::move(small))) co_return failure;
    if (auto failure = co_await fetch_stubs(stubs)) co_return failure;
    for (Wanted const& one : stubs)
        if (!intake_.comes_as_stub(id_of(one.uid), one.size)) large.push_back(one);
    for (Wanted const& one : large) {
        if (news_) break; // the rest has its turn in the next pass
        if (auto const fetched = co_await fetch_large(one); !fetched) co_return fetched.error();
    }
    if (auto failure = co_await fetch_originals()) co_return failure;
    std::erase_if(intake_.survey->open,
                  [&](Survey::Message const& message) { return intake_.is_taken(id_of(message.uid)); });
    // Nothing is left of what is below the first that could not be taken.
    auto const& open = intake_.survey->open;
    auto const settled = open.empty() ? std::max(intake_.mailbox().settled, intake_.survey->next) : open.front().uid;
    if (*complete) {
        intake_.keep_refused([&, begin = ids_begin()](std::string_view id) {
            auto const uid = static_cast<store::Uid>(store::u32_at(id, begin.size()).value_or(0));
            return intake_.is_stub(id) ||
                   std::ranges::binary_search(intake_.survey->open, uid, {}, &Survey::Message::uid);
        });
    } else {
        intake_.survey.reset();
    }
    if (auto failure = co_await intake_.settle(settled)) co_return failure;
    if (*complete && intake_.mailbox().settled >= intake_.mailbox().doubtful)
        if (auto failure = co_await intake_.forget_stale()) co_return failure;
    co_return co_await clear_up();
}

asio::awaitable<std::expected<bool, Failure>> ImapProvider::survey() {
    auto& known = intake_.survey;
    news_ = false;
    if (known && known->mailbox != ids_begin()) known.reset();
    store::Uid from = intake_.mailbox().settled;
    imap::request::ChangedSince since;
    if (known && surveyed_) {
        from = known->next;
    } else if (known && known->mod_sequence != 0 && mod_sequence_ != 0) {
        since = {known->mod_sequence, tells_vanished_};
        surveyed_ = mod_sequence_ == known->mod_sequence && uid_next_ <= known->next;
        if (surveyed_) co_return true;
    } else {
        known = Survey{.mailbox = ids_begin(), .next = from};
    }
    auto const tag = this->tag();
    connection_.queue(imap::request::survey(tag, from, since));
    std::size_t listed = 0;
    while (true) {
        auto const read = co_await next("while we looked for new messages");
        if (!read) co_return std::unexpected(read.error());
        if (auto const* status = std::get_if<Status>(&read->reply); status != nullptr && status->tag == tag) {
            // RFC 3501 §6.4.8: "*" is the last one, if it is below as well; some refuse it in an empty mailbox.
            if (status->condition != Condition::ok && exists_ > 0)
                co_return std::unexpected(answered(trouble_of(*status, Trouble::refused), "UID FETCH", status->text));
            break;
        }
        if (auto const* vanished = std::get_if<imap::VanishedReply>(&read->reply))
            std::erase_if(known->open, [&](auto const& message) { return vanished->uids.contains(message.uid); });
        auto const* fetch = std::get_if<FetchReply>(&read->reply);
        if (read->outcome != ReplyReading::reply || fetch == nullptr || !fetch->uid || !fetch->size) continue;
        if (*fetch->uid < from || listed >= survey_limit) continue;
        if (fetch->deleted) {
            known->remove(*fetch->uid);
            continue;
        }
        known->put({.uid = *fetch->uid, .size = *fetch->size, .internal_date = fetch->internal_date});
        ++listed;
    }
    surveyed_ = true;
    known->mod_sequence = mod_sequence_;
    co_return listed < survey_limit;
}

// What stubs stand for, one after the other: what is asked for meanwhile comes before what nobody asked for.
asio::awaitable<std::optional<Failure>> ImapProvider::fetch_originals() {
    auto const begin_of_ids = ids_begin();
    std::set<store::MessageId> tried;
    while (!news_) {
        (void)co_await intake_.refresh();
        if (intake_.outdated()) break; // the store does not tell
        auto const wanted = intake_.originals();
        auto const next = std::ranges::find_if(wanted, [&](store::Stub const& one) {
            return !tried.contains(one.message) && one.id.starts_with(begin_of_ids);
        });
        if (next == wanted.end()) break;
        auto const stub = next->message;
        auto const uid = store::u32_at(next->id, begin_of_ids.size());
        auto const fetched = co_await fetch_large({.uid = static_cast<store::Uid>(uid.value_or(0)),
                                                   .size = next->size,
                                                   .is_original = true,
                                                   .is_asked = next->asked()});
        if (!fetched) co_return fetched.error();
        if (*fetched) tried.insert(stub);
    }
    co_return std::nullopt;
}

asio::awaitable<std::expected<bool, Failure>> ImapProvider::fetch_large(Wanted one) {
    one_by_one_ = true;
    auto failure = co_await fetch({one});
    one_by_one_ = false;
    if (failure) co_return std::unexpected(std::move(*failure));
    co_return intake_.find(id_of(one.uid)) == nullptr;
}

// ---- afterwards

// What is to go at the provider, and what is to be marked there.
asio::awaitable<std::optional<Failure>> ImapProvider::clear_up() {
    constexpr std::size_t at_a_time = 1000;
    auto const begin_of_ids = ids_begin();
    std::vector<std::string> due;
    for (std::string& id : intake_.due())
        if (id.starts_with(begin_of_ids) && !removed_.contains(id)) due.push_back(std::move(id));
    auto const uid_of = [&](std::string_view id) {
        return static_cast<store::Uid>(*store::u32_at(id, begin_of_ids.size()));
    };
    for (std::size_t begin = 0; begin < due.size(); begin += at_a_time) {
        core::UidSet uids;
        for (std::string const& id : std::span(due).subspan(begin, std::min(at_a_time, due.size() - begin)))
            uids.add(uid_of(id));
        fetched_now_.remove(uids);
        bool const uid_plus = offers("UIDPLUS") || offers("IMAP4REV2");
        auto const mark = tag(), remove = tag();
        auto answer =
            co_await command(imap::request::add_flag(mark, uids, "\\Deleted"), mark, "while messages were removed");
        if (answer && answer->condition == Condition::ok)
            // Without UIDPLUS all that is \Deleted goes, which somebody wanted.
            answer = co_await command(imap::request::expunge(remove, uid_plus ? &uids : nullptr), remove,
                                      "while messages were removed");
        if (!answer) co_return answer.error();
        if (answer->condition != Condition::ok)
            co_return answered(trouble_of(*answer, Trouble::refused), "our wish to remove messages", answer->text);
    }
    // One above what is settled may be looked at again, should it still be there.
    removed_.insert(due.begin(), due.end());
    std::vector<std::string> gone;
    for (std::string const& id : removed_)
        if (uid_of(id) < intake_.mailbox().settled) gone.push_back(id);
    for (std::string const& id : gone) removed_.erase(id);
    if (auto failure = co_await intake_.forget(std::move(gone))) co_return failure;
    if (!source().mark_seen || fetched_now_.empty()) co_return std::nullopt;
    auto const seen = tag();
    auto const answer =
        co_await command(imap::request::add_flag(seen, fetched_now_, "\\Seen"), seen, "while messages were marked");
    if (!answer) co_return answer.error();
    co_return std::nullopt;
}

// RFC 2177
asio::awaitable<std::expected<bool, Failure>> ImapProvider::wait_for_news(net::Event& wake) {
    constexpr std::string_view when = "while we waited for news";
    if (news_) co_return true;
    if (!offers("IDLE")) co_return false;
    auto const tag = this->tag();
    connection_.queue(imap::request::idle(tag));
    bool over = false; // the server ended it
    for (bool begun = false; !begun && !over;) {
        auto const read = co_await next(when);
        if (!read) co_return std::unexpected(read.error());
        auto const* const status = std::get_if<Status>(&read->reply);
        over = status != nullptr && status->tag == tag;
        begun = std::holds_alternative<imap::ContinuationReply>(read->reply);
    }
    if (over) co_return false;
    connection_.set_idle_time(idle_time);
    for (bool waiting = true; waiting && !news_;) {
        auto read = replies_.next(connection_.input());
        connection_.consume(read.consumed);
        note(read.reply);
        if (auto failure = goodbye(read.reply, when)) co_return std::unexpected(std::move(*failure));
        if (auto const* status = std::get_if<Status>(&read.reply); status != nullptr && status->tag == tag)
            co_return true;
        if (read.outcome != ReplyReading::partial) {
            waiting = read.outcome == ReplyReading::reply; // next() says what is wrong otherwise
            continue;
        }
        switch (co_await connection_.fill_or(wake)) {
        case net::Input::data: break;
        case net::Input::event:
        case net::Input::timed_out: waiting = false; break;
        case net::Input::dismissed:
        case net::Input::closed: break_off("the connection broke"); co_return std::unexpected(lost(when));
        case net::Input::shutdown: break_off("we stop"); co_return std::unexpected(lost(when));
        }
    }
    auto const done = co_await command(imap::request::done(), tag, when);
    if (!done) co_return std::unexpected(done.error());
    co_return true;
}

asio::awaitable<void> ImapProvider::quit() {
    connection_.queue(imap::request::logout(tag()));
    co_await connection_.close();
}

} // namespace postern::fetch
