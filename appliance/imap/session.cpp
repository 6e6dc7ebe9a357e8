#include "imap/session.h"

#include "imap/capability.h"
#include "imap/command_table.h"
#include "imap/fetch.h"
#include "imap/metadata.h"
#include "imap/uid_only.h"

#include <exception>
#include <format>
#include <utility>

namespace postern::imap {

namespace {

constexpr unsigned bad_command_limit = 20;  // in a row
constexpr unsigned login_failure_limit = 5; // in a session

// Before somebody logged in: enough for any SASL exchange, and no more of a stranger's octets in memory.
constexpr wire::imap::FrameLimits limits_before_login{.text = 16 * 1024, .literals = 8 * 1024, .literal_count = 10};

constexpr std::size_t input_octets = 64 * 1024; // read at a time: an APPEND's message is long

// Memory that a command's octets may take once they are parsed, the worst of them: FETCH of the shortest items.
constexpr std::size_t parsed_octets = 32;
// A command up to this long is taken for nothing: it is part of what an idle connection holds.
constexpr std::size_t short_command = 1024;

constexpr core::SystemFlags all_flags{31};

std::size_t octets_of(wire::imap::Framed const& framed) {
    std::size_t octets = 0;
    for (auto const* strings : {&framed.texts, &framed.literals})
        for (std::string const& string : *strings) octets += string.size();
    return octets;
}

// What is wrong with a command that is allowed in those states alone.
Answer not_now(unsigned allowed, State now) {
    if (now == State::not_authenticated) return bad("Log in first");
    if ((allowed & static_cast<unsigned>(State::selected)) != 0) return bad("Select a mailbox first");
    return bad("Logged in already");
}

} // namespace

asio::awaitable<void> serve(net::Connection& connection, office::Office& office) {
    std::exception_ptr broken;
    try {
        Session session(connection, office);
        co_await session.run();
    } catch (...) {
        broken = std::current_exception();
    }
    if (broken) connection.queue("* BYE [SERVERBUG] Something broke here; it was logged\r\n");
    co_await connection.close();
    if (broken) std::rethrow_exception(broken);
}

Session::Session(net::Connection& connection, office::Office& office)
    : connection_(connection),
      office_(office),
      settings_(office.settings),
      framer_(limits_before_login),
      memory_(connection.share()),
      news_(std::make_shared<net::Event>(connection.executor())),
      append_limit_(std::format("APPENDLIMIT={}", settings_->bytes("imap.append_limit"))) {
    connection_.set_idle_time(settings_->seconds("imap.login_timeout"));
}

asio::awaitable<void> Session::run() {
    greet();
    while (!over_) {
        memory_.account(0);
        receiving_ = false;
        between_commands_ = true;
        auto event = co_await next_event();
        between_commands_ = false;
        if (!event) break;
        if (auto* refused = std::get_if<wire::imap::Refused>(&*event)) {
            tag_ = std::move(refused->tag);
            co_await finish(refusal(*refused));
            continue;
        }
        auto const* ready = std::get_if<wire::imap::CommandReady>(&*event);
        Answer answer =
            co_await perform(ready ? ready->command : std::get<wire::imap::MessageAnnounced>(*event).command);
        if (std::exchange(message_waits_, false)) framer_.refuse_message();
        co_await finish(std::move(answer));
    }
}

Answer Session::refusal(wire::imap::Refused const& refused) const {
    if (identity_ && !hides("METADATA"))
        if (auto too_long = annotation_too_long(refused.annotation)) return std::move(*too_long);
    return bad(std::string(refused.reason));
}

void Session::greet() {
    std::string line;
    wire::imap::put_untagged(
        line, wire::imap::Condition::ok,
        std::format("{} {} Postern is ready", wire::imap::capability_code(capabilities()), office_.host_name));
    queue(line);
}

asio::awaitable<Answer> Session::perform(wire::imap::Framed const& framed) {
    auto command = wire::imap::parse_command(framed, utf8());
    numbers_stay_ = command && counts_by_numbers(command->body);
    if (!command) {
        tag_ = std::move(command.error().tag);
        if (command.error().selects) leave_selected();
        co_return Answer{command.error().condition, std::move(command.error().text)};
    }
    tag_ = std::move(command->tag);
    CommandRow const& row = row_of(command->body);
    if (hides(row.capability)) co_return bad("Not for this client: `postern mask list` says why");
    if ((row.states & static_cast<unsigned>(state())) == 0) co_return not_now(row.states, state());
    if (has(Extension::uidonly) && names_numbers(command->body))
        co_return bad("[UIDREQUIRED] Messages are named by their UIDs now");
    if (!make_room_for(framed)) co_return no_room();
    if (row.on_messages)
        if (auto const may = co_await selected_->look_at_rights(storage()); !may) co_return no(may.error());
    co_return co_await row.action(*this, command->body);
}

bool Session::make_room_for(wire::imap::Framed const& framed) {
    std::size_t const octets = octets_of(framed);
    return octets <= short_command || make_room(octets * parsed_octets);
}

asio::awaitable<void> Session::finish(Answer answer) {
    if (answer.text.empty() || hung_up_) co_return;
    if (answer.condition == wire::imap::Condition::bye) {
        log_out(answer.text);
        co_return;
    }
    bool const is_bad = answer.condition == wire::imap::Condition::bad;
    bad_in_a_row_ = is_bad ? bad_in_a_row_ + 1 : 0;
    if (!is_bad && !over_) co_await announce(numbers_stay_ ? Expunges::withheld : Expunges::told);
    std::string line;
    wire::imap::put_tagged(line, tag_, answer.condition, answer.text);
    queue(line);
    if (bad_in_a_row_ == bad_command_limit) log_out("Too many bad commands");
    if (login_failures_ == login_failure_limit) log_out("Too many failed logins");
    co_await connection_.flush_if_full();
}

State Session::state() const {
    if (over_) return State::logout;
    if (selected_) return State::selected;
    return identity_ ? State::authenticated : State::not_authenticated;
}

bool Session::confidential() const { return connection_.is_tls() || settings_->flag("login.allow_plaintext"); }

std::vector<std::string_view> Session::capabilities() const {
    std::vector<std::string_view> capabilities;
    if (identity_) {
        capabilities = capabilities_after_login(identity_->administrator);
        capabilities.push_back(append_limit_);
    } else {
        bool const starttls = office_.tls != nullptr && !connection_.is_tls() && !connection_.is_compressed();
        capabilities = capabilities_before_login(
            starttls, confidential(),
            office::sasl_mechanisms(office::LoginConnection::of(connection_, confidential())));
    }
    bool const compressed = connection_.is_compressed();
    std::erase_if(capabilities, [this, compressed](std::string_view name) {
        return hides(name) || (compressed && name == "UNAUTHENTICATE"); // RFC 8437 §4.1
    });
    return capabilities;
}

bool Session::introduce(std::string name, std::string version) {
    auto const before = mask_;
    client_.name = std::move(name);
    client_.version = std::move(version);
    sign_in_.introduce(client_.name);
    mask();
    return mask_ != before;
}

void Session::mask() { mask_ = office::CapabilityMask(client_, settings_->masks("imap.masks")); }

void Session::log_in(office::Identity identity) {
    identity_ = std::move(identity);
    client_.login = identity_->login;
    sign_in_ = office_.sign_ins.begin(identity_->account, "IMAP", client_.name, connection_);
    mask();
    framer_.set_limits({});
    connection_.set_idle_time(settings_->seconds("imap.idle_timeout"));
}

void Session::log_off() {
    deselect();
    notifications_.reset();
    identity_.reset();
    sign_in_ = {};
    client_.login.clear();
    mask();
    enabled_ = {};
    metadata_news_.reset();
    framer_.set_limits(limits_before_login);
    connection_.set_idle_time(settings_->seconds("imap.login_timeout"));
}

void Session::note_login_failure() { ++login_failures_; }

void Session::leave_selected() {
    if (!deselect()) return;
    std::string line;
    wire::imap::put_untagged(line, wire::imap::Condition::ok, "[CLOSED] The mailbox before is closed");
    queue(line);
}

bool Session::deselect() { return std::exchange(selected_, nullptr) != nullptr; }

void Session::hang_up() {
    over_ = true;
    hung_up_ = true;
}

void Session::log_out(std::string_view reason) {
    if (std::exchange(over_, true)) return;
    std::string line;
    wire::imap::put_untagged(line, wire::imap::Condition::bye, reason);
    queue(line);
}

void Session::enable(Extension extension) {
    if (hides(name_of(extension))) return;
    if (extension == Extension::qresync) enable(Extension::condstore);
    if (!enabled_.add(extension)) return;
    if (extension == Extension::metadata) listen_to_annotations();
    if (extension != Extension::condstore || !selected_) return;
    std::string line;
    wire::imap::put_untagged(line, wire::imap::Condition::ok,
                             wire::imap::highest_modseq_code(selected_->view.told()) + " Highest");
    queue(line);
}

void Session::notify(std::unique_ptr<Notifications> notifications) {
    notifications_ = std::move(notifications);
    listen_to_annotations();
}

// Or not any more.
void Session::listen_to_annotations() {
    if (!has(Extension::metadata) && !(notifications_ && notifications_->wants_annotations())) {
        metadata_news_.reset();
    } else if (!metadata_news_) {
        metadata_news_ = std::make_unique<office::MetadataNews::Listener>(
            office_.metadata_news, account(), connection_.share(), [news = news_] { news->raise(); });
    }
}

void Session::publish_metadata(store::AccountId account, std::string const& mailbox,
                               std::span<std::string const> entries) {
    office_.metadata_news.publish(account, mailbox, entries, metadata_news_.get());
}

void Session::announce_keywords(std::vector<std::string> const& keywords) {
    if (keywords == selected_->keywords) return;
    selected_->keywords = keywords;
    std::string lines;
    wire::imap::put_flags_line(lines, all_flags, keywords);
    if (!selected_->examined)
        wire::imap::put_untagged(lines, wire::imap::Condition::ok, selected_->permanent_flags() + " Flags kept");
    queue(lines);
}

void Session::announce_rights() {
    core::Rights const before = std::exchange(selected_->told, selected_->rights);
    if (selected_->examined) return;
    std::string lines;
    if (office::flag_scope(before) != office::flag_scope(selected_->rights)) {
        wire::imap::put_flags_line(lines, all_flags, selected_->keywords);
        wire::imap::put_untagged(lines, wire::imap::Condition::ok,
                                 selected_->permanent_flags() + " Your rights have changed");
    }
    if (is_read_only(before) != is_read_only(selected_->rights))
        wire::imap::put_untagged(lines, wire::imap::Condition::ok,
                                 selected_->read_only() ? "[READ-ONLY] You may look"
                                                        : "[READ-WRITE] You may change something");
    queue(lines);
}

asio::awaitable<void> Session::announce(Expunges expunges) {
    if (metadata_news_ && metadata_news_->has_news()) {
        std::string lines;
        put_metadata_news(
            lines, *metadata_news_,
            [this](std::string_view mailbox) {
                return has(Extension::metadata) || notifications_->wants_annotations_of(mailbox);
            },
            utf8());
        queue(lines);
    }
    if (selected_) co_await announce_selected(expunges);
    if (!over_) co_await tell_of_mailboxes(*this);
}

asio::awaitable<void> Session::announce_selected(Expunges expunges) {
    auto const caught_up = co_await selected_->catch_up(storage());
    if (!caught_up) {
        // Others' changes are told when the store can be read again; a client without an account has to go.
        if (caught_up.error() == store::StoreError::no_such_account) log_out(no(caught_up.error()).text);
        co_return;
    }
    announce_rights();
    using enum wire::imap::NotifyEvent;
    MailboxView& view = selected_->view;
    auto const wanted = notifications_ ? notifications_->selected : wire::imap::message_events;
    bool const at_once =
        expunges == Expunges::withheld && notifications_ && !notifications_->expunges_delayed; // RFC 5465 §6.1.1
    std::string lines;
    selected_->contexts.remove(lines, view.gone(), view.numbers());
    if (expunges == Expunges::own || (wanted.has(message_expunge) && (expunges == Expunges::told || at_once)))
        view.announce_expunges(lines, has(Extension::qresync) || has(Extension::uidonly));
    core::UidSet arrived;
    if (wanted.has(message_new)) {
        selected_->contexts.note_arrivals(view.arrived());
        if (notifications_ && !notifications_->items.empty()) {
            arrived = view.arrived();
            arrived.remove(std::exchange(selected_->own_arrivals, {}));
        }
        view.announce_arrivals(lines, !has(Extension::imap4rev2));
    }
    queue(lines);
    // RFC 5465 §5.1, §5.2: results of searches come after flags and before what is told of new messages.
    if (wanted.has(flag_change))
        co_await announce_flags(*this, view.take_flag_changes(), *caught_up == Bell::News::fresh);
    if (wanted.has(message_new) && !selected_->contexts.empty() && selected_->rights.has(core::Right::read))
        arrived = co_await announce_results(*this, std::move(arrived));
    if (!arrived.empty()) co_await send_fetch(*this, std::move(arrived), {.items = notifications_->items});
}

WatchedMailboxes::Client Session::watching_client() const {
    return {.selected = selected_ ? std::optional(selected_->mailbox) : std::nullopt,
            .condstore = has(Extension::condstore),
            .utf8 = utf8()};
}

void Session::note_own_arrivals(store::UidValidity uid_validity, store::UidSet const& uids) {
    if (!notifications_ || notifications_->items.empty()) return;
    if (selected_ && selected_->uid_validity == uid_validity) selected_->own_arrivals.add(uids);
}

void Session::listen() {
    if (notifications_ && notifications_->bell) notifications_->bell->listen();
    // Somebody else's mailbox may be selected, of which no account's bell tells.
    if (selected_ && (!notifications_ || !notifications_->selected.empty())) selected_->bell.listen();
}

asio::awaitable<std::optional<wire::imap::FrameEvent>> Session::next_event() {
    for (;;) {
        connection_.consume(std::exchange(taken_, 0));
        auto event = framer_.feed(connection_.input(), taken_);
        bool const more_needed = std::holds_alternative<wire::imap::MoreNeeded>(event);
        bool const literal_announced = std::holds_alternative<wire::imap::ContinuationNeeded>(event);
        if ((more_needed || literal_announced) && !hold_input()) {
            tag_ = framer_.refuse_command();
            memory_.account(0);
            co_await finish(no_room());
            if (receiving_) co_return std::nullopt;
            continue;
        }
        if (literal_announced) {
            std::string line;
            wire::imap::put_continuation(line, "Ready for the literal");
            queue(line);
            continue;
        }
        if (auto const* announced = std::get_if<wire::imap::MessageAnnounced>(&event)) {
            message_waits_ = true;
            message_synchronising_ = announced->synchronising;
        }
        if (!more_needed) co_return event;
        connection_.consume(std::exchange(taken_, 0));
        // RFC 5465 §3.1: with NOTIFY a client listens all the time, but for while it speaks.
        bool const listens = between_commands_ && notifications_ && notifications_->bell && framer_.held_octets() == 0;
        if (listens) listen();
        net::Input const input =
            listens ? co_await connection_.fill_or(*news_) : co_await connection_.fill(input_octets);
        if (!take_input(input)) co_return std::nullopt;
        if (input != net::Input::event) continue;
        co_await announce(Expunges::withheld);
        memory_.account(0);
        if (over_) co_return std::nullopt;
    }
}

// Whether there is room for what was read of a command, and for what it announced. Twice that, since strings grow so.
bool Session::hold_input() {
    std::size_t const octets = framer_.held_octets();
    return octets <= short_command || memory_.resize(2 * octets);
}

wire::imap::LineEvent Session::feed_line() {
    connection_.consume(std::exchange(taken_, 0));
    auto event = framer_.feed_line(connection_.input(), taken_);
    connection_.consume(std::exchange(taken_, 0));
    if (std::holds_alternative<wire::imap::MoreNeeded>(event) && !hold_input()) (void)framer_.refuse_command();
    return event;
}

asio::awaitable<std::optional<wire::imap::LineEvent>> Session::next_line() {
    for (;;) {
        auto event = feed_line();
        if (!std::holds_alternative<wire::imap::MoreNeeded>(event)) co_return event;
        if (!take_input(co_await connection_.fill())) co_return std::nullopt;
    }
}

asio::awaitable<std::optional<wire::imap::LineEvent>> Session::next_line_or_news() {
    for (;;) {
        auto event = feed_line();
        if (!std::holds_alternative<wire::imap::MoreNeeded>(event)) co_return event;
        listen();
        net::Input const input = co_await connection_.fill_or(*news_);
        if (!take_input(input)) co_return std::nullopt;
        if (input == net::Input::event) co_return wire::imap::MoreNeeded{};
    }
}

asio::awaitable<bool> Session::wait_for(net::Event& event) {
    connection_.consume(std::exchange(taken_, 0)); // of the command, which lies elsewhere
    while (connection_.input().size() < input_octets) {
        net::Input const input = co_await connection_.fill_or(event);
        if (!take_input(input)) co_return false;
        if (input == net::Input::event) co_return true;
    }
    if (!co_await connection_.flush()) co_return take_input(net::Input::closed);
    co_await event.wait();
    event.clear();
    co_return !office_.stop.raised() || take_input(net::Input::shutdown);
}

void Session::accept_message() {
    message_waits_ = false;
    receiving_ = true;
    framer_.accept_message();
    if (!message_synchronising_) return;
    std::string line;
    wire::imap::put_continuation(line, "Ready for the message");
    queue(line);
}

void Session::begin_again() {
    framer_ = wire::imap::CommandFramer(limits_before_login);
    taken_ = 0;
}

asio::awaitable<bool> Session::start_compression(Answer answer) {
    connection_.consume(std::exchange(taken_, 0)); // what follows the command is compressed already
    std::string line;
    wire::imap::put_tagged(line, tag_, answer.condition, answer.text);
    co_return co_await connection_.start_compression(line);
}

bool Session::take_input(net::Input input) {
    switch (input) {
    case net::Input::data:
    case net::Input::event: return true;
    case net::Input::closed: hang_up(); return false;
    case net::Input::timed_out: log_out("Idle for too long"); return false;
    case net::Input::dismissed: log_out("The password was changed; log in again"); return false;
    case net::Input::shutdown: log_out("The server is stopping"); return false;
    }
    std::unreachable();
}

} // namespace postern::imap
