#include "wire/imap_parser.h"

#include "text/ascii.h"
#include "text/base64.h"
#include "wire/imap_grammar.h"
#include "wire/imap_syntax.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace postern::wire::imap {

namespace {

template <typename Body> Command::Body plain(Cursor&) { return Body{}; }

// A command whose one argument is a mailbox.
template <typename Body> Command::Body on_mailbox(Cursor& in) {
    in.space();
    return Body{in.mailbox()};
}

// RFC 2971 §3.3
Command::Body id(Cursor& in) {
    constexpr std::size_t pairs = 30;
    constexpr std::size_t field_length = 30;
    constexpr std::size_t value_length = 1024;
    Id id;
    in.space();
    if (in.accept_word("NIL")) return id;
    in.expect('(');
    if (in.accept(')')) return id;
    do {
        std::string field = in.string();
        in.space();
        auto value = in.nstring();
        if (field.size() > field_length || (value && value->size() > value_length)) in.fail("Too long a parameter");
        id.parameters.emplace_back(std::move(field), std::move(value));
        if (id.parameters.size() > pairs) in.fail("Too many parameters");
    } while (in.accept(' '));
    in.expect(')');
    return id;
}

// RFC 4978 §5: compress = "COMPRESS" SP algorithm, algorithm = "DEFLATE"
Command::Body compress(Cursor& in) {
    in.space();
    std::string_view const algorithm = in.atom("an algorithm");
    if (!text::iequals(algorithm, "DEFLATE")) in.fail("Unknown algorithm", algorithm);
    return Compress{};
}

// RFC 4959 §3: "AUTHENTICATE" SP auth-type [SP (base64 / "=")]
Command::Body authenticate(Cursor& in) {
    Authenticate authenticate;
    in.space();
    authenticate.mechanism = text::upper(in.atom("a SASL mechanism"));
    if (!in.accept(' ')) return authenticate;
    std::string_view const response = in.take_while(is_atom_char);
    if (response == "=") {
        authenticate.initial_response.emplace();
    } else if (auto decoded = text::base64_decode(response); decoded && !decoded->empty()) {
        authenticate.initial_response.emplace(std::move(*decoded));
    } else {
        in.fail("The initial response is not base64");
    }
    return authenticate;
}

Command::Body login(Cursor& in) {
    Login login;
    in.space();
    login.user = in.astring();
    in.space();
    login.password = core::Secret(in.astring());
    return login;
}

// RFC 5161 §3.1
Command::Body enable(Cursor& in) {
    Enable enable;
    in.space();
    do {
        enable.capabilities.push_back(text::upper(in.atom("a capability")));
    } while (in.accept(' '));
    return enable;
}

// RFC 7162 §7: "(" uidvalidity SP mod-sequence-value [SP known-uids] [SP seq-match-data] ")". A client that has seen no
// mod-sequence yet says 0, as in SEARCH and STORE; it misses everything.
Resync parse_resync(Cursor& in) {
    Resync resync;
    in.space();
    in.expect('(');
    resync.uid_validity = static_cast<core::UidValidity>(in.number(std::numeric_limits<std::uint32_t>::max()));
    in.space();
    resync.modseq = parse_modseq(in);
    if (!in.failed() && core::number(resync.uid_validity) == 0) in.fail("UIDVALIDITY is never 0");
    bool more = in.accept(' ');
    if (more && text::is_digit(in.peek())) {
        resync.known = parse_known_set(in);
        more = in.accept(' ');
    }
    if (more) {
        in.expect('(');
        resync.numbers = parse_known_set(in);
        in.space();
        resync.uids = parse_known_set(in);
        in.expect(')');
        if (resync.numbers.size() != resync.uids.size()) in.fail("There must be a UID for each sequence number");
    }
    in.expect(')');
    return resync;
}

// RFC 4466 §2.1: select = "SELECT" SP mailbox [SP "(" select-param *(SP select-param) ")"]
template <bool read_only> Command::Body select(Cursor& in) {
    Select select;
    select.read_only = read_only;
    in.space();
    select.mailbox = in.mailbox();
    if (!in.accept(' ')) return select;
    in.expect('(');
    do {
        std::string_view const parameter = in.atom("a parameter");
        if (text::iequals(parameter, "CONDSTORE"))
            select.condstore = true; // RFC 7162 §3.1.8
        else if (text::iequals(parameter, "QRESYNC") && !select.resync)
            select.resync = parse_resync(in); // §3.2.5
        else
            in.fail("Unknown or repeated parameter", parameter);
    } while (in.accept(' '));
    in.expect(')');
    return select;
}

// RFC 3501 §9: create = "CREATE" SP mailbox; RFC 6154 §6: [SP "(USE (" [use-attr *(SP use-attr)] "))"]
Command::Body create(Cursor& in) {
    Create create;
    in.space();
    create.mailbox = in.mailbox();
    if (!in.accept(' ')) return create;
    in.expect('(');
    std::string_view const parameter = in.atom("a parameter");
    if (!text::iequals(parameter, "USE")) in.fail("Unknown parameter", parameter);
    in.space();
    in.expect('(');
    if (!in.accept(')')) {
        do {
            in.expect('\\');
            create.uses.push_back('\\' + std::string(in.atom("a special use")));
        } while (in.accept(' '));
        in.expect(')');
    }
    in.expect(')');
    return create;
}

Command::Body rename(Cursor& in) {
    Rename rename;
    in.space();
    rename.from = in.mailbox();
    in.space();
    rename.to = in.mailbox();
    return rename;
}

// RFC 4315 §2.1
Command::Body uid_expunge(Cursor& in) {
    in.space();
    return Expunge{parse_sequence_set(in)};
}

// RFC 3501 §9: store = "STORE" SP sequence-set SP store-att-flags; RFC 4466 §2.5: [SP store-modifiers] before it
template <bool uid> Command::Body store(Cursor& in) {
    Store store;
    store.uid = uid;
    in.space();
    store.messages = parse_sequence_set(in);
    in.space();
    if (in.accept('(')) {
        std::string_view const modifier = in.atom("a store modifier");
        if (!text::iequals(modifier, "UNCHANGEDSINCE")) in.fail("Unknown store modifier", modifier);
        in.space();
        store.unchanged_since = parse_modseq(in);
        in.expect(')');
        in.space();
    }
    if (in.accept('+'))
        store.action = Store::Action::add;
    else if (in.accept('-'))
        store.action = Store::Action::remove;
    store.silent = in.accept_word("FLAGS.SILENT");
    if (!store.silent && !in.accept_word("FLAGS")) in.fail("Expected FLAGS, +FLAGS or -FLAGS");
    in.space();
    if (in.accept('(')) {
        store.flags = parse_flag_list(in);
        return store;
    }
    do {
        parse_flag(in, store.flags);
    } while (in.accept(' '));
    return store;
}

template <typename Body, bool uid> Command::Body to_mailbox(Cursor& in) {
    Body body;
    body.uid = uid;
    in.space();
    body.messages = parse_sequence_set(in);
    in.space();
    body.mailbox = in.mailbox();
    return body;
}

// RFC 5267 §5: "CANCELUPDATE" 1*(SP quoted)
Command::Body cancel_update(Cursor& in) {
    CancelUpdate cancel;
    in.space();
    do {
        cancel.tags.push_back(in.string());
    } while (in.accept(' '));
    return cancel;
}

struct CommandRow {
    std::string_view verb;
    Command::Body (*parse)(Cursor& in);
};

constexpr CommandRow command_rows[] = {
    {"CAPABILITY", plain<Capability>},
    {"NOOP", plain<Noop>},
    {"LOGOUT", plain<Logout>},
    {"ID", id},
    {"COMPRESS", compress},
    {"STARTTLS", plain<StartTls>},
    {"AUTHENTICATE", authenticate},
    {"LOGIN", login},
    {"ENABLE", enable},
    {"SELECT", select<false>},
    {"EXAMINE", select<true>},
    {"CREATE", create},
    {"DELETE", on_mailbox<Delete>},
    {"RENAME", rename},
    {"SUBSCRIBE", on_mailbox<Subscribe>},
    {"UNSUBSCRIBE", on_mailbox<Unsubscribe>},
    {"LIST", [](Cursor& in) { return Command::Body(parse_list(in)); }},
    {"LSUB", [](Cursor& in) { return Command::Body(parse_lsub(in)); }},
    {"XLIST", [](Cursor& in) { return Command::Body(parse_xlist(in)); }},
    {"NAMESPACE", plain<Namespace>},
    {"UNAUTHENTICATE", plain<Unauthenticate>},
    {"STATUS", [](Cursor& in) { return Command::Body(parse_status(in)); }},
    {"GETQUOTA", [](Cursor& in) { return Command::Body(parse_get_quota(in)); }},
    {"GETQUOTAROOT", on_mailbox<GetQuotaRoot>},
    {"SETQUOTA", [](Cursor& in) { return Command::Body(parse_set_quota(in)); }},
    {"GETMETADATA", [](Cursor& in) { return Command::Body(parse_get_metadata(in)); }},
    {"SETMETADATA", [](Cursor& in) { return Command::Body(parse_set_metadata(in)); }},
    {"APPEND", [](Cursor& in) { return Command::Body(parse_append(in)); }},
    {"IDLE", plain<Idle>},
    {"NOTIFY", [](Cursor& in) { return Command::Body(parse_notify(in)); }},
    {"SETACL", [](Cursor& in) { return Command::Body(parse_set_acl(in)); }},
    {"DELETEACL", [](Cursor& in) { return Command::Body(parse_delete_acl(in)); }},
    {"GETACL", on_mailbox<GetAcl>},
    {"LISTRIGHTS", [](Cursor& in) { return Command::Body(parse_list_rights(in)); }},
    {"MYRIGHTS", on_mailbox<MyRights>},
    {"CHECK", plain<Check>},
    {"CLOSE", plain<Close>},
    {"UNSELECT", plain<Unselect>},
    {"EXPUNGE", plain<Expunge>},
    {"SEARCH", [](Cursor& in) { return Command::Body(parse_search(in, false)); }},
    {"ESEARCH", [](Cursor& in) { return Command::Body(parse_esearch(in)); }},
    {"CANCELUPDATE", cancel_update},
    {"SORT", [](Cursor& in) { return Command::Body(parse_sort(in, false)); }},
    {"THREAD", [](Cursor& in) { return Command::Body(parse_thread(in, false)); }},
    {"FETCH", [](Cursor& in) { return Command::Body(parse_fetch(in, false)); }},
    {"STORE", store<false>},
    {"COPY", to_mailbox<Copy, false>},
    {"MOVE", to_mailbox<Move, false>},
    {"REPLACE", [](Cursor& in) { return Command::Body(parse_replace(in, false)); }},
    {"UID EXPUNGE", uid_expunge},
    {"UID SEARCH", [](Cursor& in) { return Command::Body(parse_search(in, true)); }},
    {"UID SORT", [](Cursor& in) { return Command::Body(parse_sort(in, true)); }},
    {"UID THREAD", [](Cursor& in) { return Command::Body(parse_thread(in, true)); }},
    {"UID FETCH", [](Cursor& in) { return Command::Body(parse_fetch(in, true)); }},
    {"UID STORE", store<true>},
    {"UID COPY", to_mailbox<Copy, true>},
    {"UID MOVE", to_mailbox<Move, true>},
    {"UID REPLACE", [](Cursor& in) { return Command::Body(parse_replace(in, true)); }},
};

// One word, or two after UID; in capitals.
std::string take_verb(Cursor& in) {
    std::string verb = text::upper(in.atom("a command"));
    if (verb == "UID") {
        in.space();
        verb += ' ' + text::upper(in.atom("a command"));
    }
    return verb;
}

} // namespace

SequenceSet parse_sequence_set(Cursor& in) {
    std::string_view const text =
        in.take_while([](char c) { return text::is_digit(c) || c == ':' || c == ',' || c == '*' || c == '$'; });
    auto set = SequenceSet::parse(text);
    if (!set) in.fail("Not a sequence set:", text);
    return std::move(set).value_or(SequenceSet());
}

PartialRange parse_partial_range(Cursor& in) {
    bool const from_end = in.accept('-');
    auto const number = [&in] {
        auto const value = static_cast<std::uint32_t>(in.number(std::numeric_limits<std::uint32_t>::max(), "a place"));
        if (value == 0) in.fail("Places are counted from 1");
        return value;
    };
    std::uint32_t const first = number();
    in.expect(':');
    if (from_end) in.expect('-');
    std::uint32_t const last = number();
    return {first, last, from_end};
}

core::UidSet parse_known_set(Cursor& in) {
    SequenceSet const set = parse_sequence_set(in);
    core::UidSet known;
    if (set.is_saved()) in.fail("Expected numbers in ascending order, without *");
    std::uint32_t before = 0;
    for (auto const& [first, last] : set.ranges()) {
        if (first <= before || last < first) { // a "*" is 0
            in.fail("Expected numbers in ascending order, without *");
            break;
        }
        known.add_range(first, last);
        before = last;
    }
    return known;
}

core::ModSeq parse_modseq(Cursor& in) {
    return static_cast<core::ModSeq>(in.number(std::numeric_limits<std::int64_t>::max(), "a mod-sequence"));
}

std::chrono::sys_days parse_date(Cursor& in) {
    static constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                             "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    auto const day = static_cast<unsigned>(in.number(31, "a day"));
    in.expect('-');
    std::string_view const name = in.take_while(text::is_alpha);
    auto const month =
        std::ranges::find_if(months, [&](auto known) { return text::iequals(known, name); }) - months.begin();
    in.expect('-');
    std::string_view const year = in.take_while(text::is_digit);
    if (year.size() != 4) in.fail("The year must have four digits");
    if (in.failed()) return {};
    int number = 0;
    for (char const c : year) number = number * 10 + (c - '0');
    std::chrono::year_month_day const date{std::chrono::year(number),
                                           std::chrono::month(static_cast<unsigned>(month) + 1), std::chrono::day(day)};
    if (!date.ok()) in.fail("There is no such day");
    return in.failed() ? std::chrono::sys_days{} : std::chrono::sys_days{date};
}

std::expected<Command, ParseError> parse_command(Framed const& framed, bool utf8) {
    Cursor in(framed, utf8);
    std::string_view const tag = in.take_while(is_tag_char);
    if (!is_tag(tag)) return std::unexpected(ParseError{"*", Condition::bad, "The command must begin with a tag"});
    in.space();
    std::string const verb = take_verb(in);
    auto const* row = std::ranges::find(command_rows, verb, &CommandRow::verb);
    Command command{std::string(tag), {}};
    if (row == std::end(command_rows)) {
        in.fail("Unknown command", verb);
    } else {
        command.body = row->parse(in);
        if (!in.at_end()) in.fail("Unexpected text at the end of the command");
    }
    if (!in.failed()) return command;
    std::string text = in.error();
    if (in.condition() == Condition::bad && row != std::end(command_rows)) text.insert(0, verb + ": ");
    bool const selects = in.condition() == Condition::no && (verb == "SELECT" || verb == "EXAMINE");
    return std::unexpected(ParseError{std::string(tag), in.condition(), std::move(text), selects});
}

std::expected<AppendPiece, ParseError> parse_append_piece(Framed const& framed, LiteralPart const& literal,
                                                          bool several) {
    Cursor in(framed, false);
    AppendPiece piece = parse_piece_after(in, literal, several);
    if (!in.at_end()) in.fail("Unexpected text at the end of the command");
    if (!in.failed()) return piece;
    return std::unexpected(ParseError{"", in.condition(), in.error()});
}

} // namespace postern::wire::imap
