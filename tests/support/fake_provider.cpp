#include "support/fake_provider.h"

#include "message/header.h"
#include "message/section.h"
#include "message/structure.h"
#include "support/memory_end.h"
#include "wire/imap_body_structure.h"
#include "wire/imap_sequence_set.h"
#include "wire/pop3_text.h"

#include <algorithm>
#include <charconv>
#include <format>

namespace postern::test {

namespace asio = boost::asio;

namespace {

std::uint64_t number_at(std::string_view text) {
    std::uint64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

std::string_view take_word(std::string_view& text) {
    auto const end = std::min(text.find(' '), text.size());
    auto const word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return word;
}

} // namespace

void FakeProvider::answer_with(std::string piece, std::string reply) {
    answer = [piece = std::move(piece), reply = std::move(reply)](std::string_view command) {
        return command.contains(piece) ? std::optional(reply) : std::nullopt;
    };
}

HeldMail& FakeProvider::put(std::string octets) {
    HeldMail held;
    held.uid = uid_next++;
    held.octets = std::move(octets);
    held.mod_sequence = ++mod_sequence;
    mail.push_back(std::move(held));
    for (Call& call : calls_)
        if (!call.idle_tag.empty()) say(call, std::format("* {} EXISTS\r\n", mail.size()));
    return mail.back();
}

void FakeProvider::say_to_all(std::string_view octets) {
    for (Call& call : calls_) say(call, octets);
}

asio::awaitable<std::expected<net::Dialed, std::string>> FakeProvider::dial(std::string host, std::uint16_t port,
                                                                            std::chrono::seconds) {
    ++dialled;
    if (!reachable) co_return std::unexpected(host + ": it does not answer");
    Call& call = calls_.emplace_back();
    call.stream = std::make_shared<net::MemoryStream>(io_.get_executor());
    call.pop3 = port == 110;
    auto const stream = call.stream;
    say(call, call.pop3 ? "+OK ready\r\n" : "* OK ready\r\n");
    co_return net::Dialed{std::make_unique<MemoryEnd>(stream), {"192.0.2.25", port, "192.168.1.2", 40000}};
}

bool FakeProvider::answer_all() {
    bool any = false;
    for (Call& call : calls_) {
        auto const said = call.stream->take_output();
        any = any || !said.empty();
        call.input += said;
        while (!call.over) {
            auto const end = call.input.find("\r\n");
            if (end == std::string::npos) break;
            std::string const line = call.input.substr(0, end);
            call.input.erase(0, end + 2);
            call.pop3 ? take_pop3(call, line) : take_imap(call, line);
        }
    }
    std::erase_if(calls_, [](Call const& call) {
        return call.over || call.stream->closed() || call.stream.use_count() == 1; // nobody has the other end
    });
    return any;
}

void FakeProvider::say(Call& call, std::string_view octets) {
    if (call.over) return;
    auto const left = cut_after - std::min(cut_after, call.said);
    call.stream->feed(octets.substr(0, left));
    call.said += octets.size();
    if (octets.size() > left) end(call);
}

void FakeProvider::end(Call& call) {
    call.stream->feed_end();
    call.over = true;
}

HeldMail* FakeProvider::find(std::uint32_t uid) {
    auto const at = std::ranges::find(mail, uid, &HeldMail::uid);
    return at == mail.end() ? nullptr : &*at;
}

void FakeProvider::expunge(std::function<bool(HeldMail const&)> const& which) { std::erase_if(mail, which); }

void FakeProvider::take_imap(Call& call, std::string const& line) {
    std::string_view rest = line;
    std::string const tag = line == "DONE" ? call.idle_tag : std::string(take_word(rest));
    commands.emplace_back(rest);
    auto const ok = [&] { say(call, tag + " OK done\r\n"); };
    if (auto const own = answer ? answer(rest) : std::nullopt) {
        if (*own == "silence") return;
        return say(call, own->starts_with('*') ? *own : std::format("{} {}\r\n", tag, *own));
    }
    auto const verb = take_word(rest);
    if (verb == "CAPABILITY") {
        std::string all;
        for (auto const& one : capabilities) all += " " + one;
        say(call, std::format("* CAPABILITY IMAP4rev1{}\r\n", all));
    } else if (verb == "SELECT" || verb == "EXAMINE") {
        say(call, std::format("* {} EXISTS\r\n* OK [UIDVALIDITY {}] valid\r\n* OK [UIDNEXT {}] next\r\n", mail.size(),
                              uid_validity, uid_next));
        if (line.contains("(CONDSTORE)")) say(call, std::format("* OK [HIGHESTMODSEQ {}] highest\r\n", mod_sequence));
    } else if (verb == "LIST") {
        say(call, "* LIST () \"/\" INBOX\r\n* LIST () \"/\" Archive\r\n");
    } else if (verb == "IDLE") {
        call.idle_tag = tag;
        return say(call, "+ idling\r\n");
    } else if (verb == "DONE") {
        call.idle_tag.clear();
    } else if (verb == "LOGOUT") {
        ok();
        return end(call);
    } else if (verb == "EXPUNGE") {
        expunge([](HeldMail const& one) { return one.deleted; });
    } else if (verb == "UID") {
        auto const command = take_word(rest);
        if (command == "FETCH") fetch(call, rest);
        auto const uids = wire::imap::SequenceSet::parse(take_word(rest));
        auto const named = uids ? uids->resolve(uid_next) : core::UidSet();
        if (command == "EXPUNGE")
            expunge([&](HeldMail const& one) { return one.deleted && named.contains(core::Uid{one.uid}); });
        if (command == "STORE")
            for (HeldMail& one : mail) {
                if (!named.contains(core::Uid{one.uid})) continue;
                one.deleted = one.deleted || rest.contains("\\Deleted");
                one.seen = one.seen || rest.contains("\\Seen");
            }
    }
    ok();
}

void FakeProvider::fetch(Call& call, std::string_view arguments) {
    auto const uids = wire::imap::SequenceSet::parse(take_word(arguments));
    auto const named = uids->resolve(mail.empty() ? 0 : mail.back().uid);
    auto const body = arguments.find("BODY.PEEK[]<");
    auto const changed = arguments.find("CHANGEDSINCE ");
    std::uint64_t const since = changed == std::string_view::npos ? 0 : number_at(arguments.substr(changed + 13));
    if (arguments.contains("VANISHED)") && !vanished.empty()) {
        std::string gone;
        for (auto const uid : vanished) gone += std::format("{}{}", gone.empty() ? "" : ",", uid);
        say(call, std::format("* VANISHED (EARLIER) {}\r\n", gone));
    }
    for (std::size_t at = 0; at < mail.size(); ++at) {
        HeldMail const& one = mail[at];
        if (!named.contains(core::Uid{one.uid}) || one.mod_sequence <= since) continue;
        if (body == std::string_view::npos && arguments.contains("BODY.PEEK[")) {
            fetch_section(call, at, arguments);
            continue;
        }
        if (body == std::string_view::npos) {
            say(call, std::format("* {} FETCH (UID {} FLAGS ({}) RFC822.SIZE {} INTERNALDATE \" 1-Jan-2026 08:00:00 "
                                  "+0000\")\r\n",
                                  at + 1, one.uid, one.deleted ? "\\Deleted" : "",
                                  one.said_size.value_or(one.octets.size())));
            continue;
        }
        auto const offset = number_at(arguments.substr(body + 12));
        auto const dot = arguments.find('.', body + 12);
        auto const length = std::min<std::size_t>(number_at(arguments.substr(dot + 1)), longest_piece);
        auto const piece = offset < one.octets.size() ? one.octets.substr(offset, length) : std::string();
        std::string const uid = std::format("UID {}", one.uid);
        say(call, std::format("* {} FETCH ({}BODY[]<{}> {{{}}}\r\n", at + 1, uid_behind ? "" : uid + " ", offset,
                              piece.size()));
        auto const before = call.said;
        say(call, std::format("{}{})\r\n", piece, uid_behind ? " " + uid : ""));
        message_octets += std::min(piece.size(), cut_after - std::min(cut_after, before));
    }
}

// A header, or a part, up to some octets; and what the message consists of, if that is asked.
void FakeProvider::fetch_section(Call& call, std::size_t at, std::string_view arguments) {
    HeldMail const& one = mail[at];
    message::StructureParser parser;
    parser.feed(one.octets);
    auto const encoded = message::encode(parser.finish());
    auto const root = message::decode_structure(encoded)->root;
    auto section = arguments.substr(arguments.find('[') + 1);
    auto const most = number_at(section.substr(section.find('.', section.find('<')) + 1));
    section = section.substr(0, section.find(']'));
    std::string octets = one.octets.substr(0, message::header_end(one.octets));
    if (section != "HEADER") {
        std::vector<std::uint32_t> numbers;
        for (auto rest = section;; rest.remove_prefix(rest.find('.') + 1)) {
            numbers.push_back(static_cast<std::uint32_t>(number_at(rest)));
            if (!rest.contains('.')) break;
        }
        auto const part = message::find(root, numbers);
        octets = part ? one.octets.substr(part->body_begin, part->body_end - part->body_begin) : "";
    }
    octets.resize(std::min<std::size_t>(octets.size(), most));
    std::string structure;
    if (arguments.contains("BODYSTRUCTURE")) {
        structure = " BODYSTRUCTURE ";
        wire::imap::put_body_structure(structure, root, true);
    }
    say(call,
        std::format("* {} FETCH (UID {}{} BODY[{}]<0> {{{}}}\r\n", at + 1, one.uid, structure, section, octets.size()));
    auto const before = call.said;
    say(call, octets + ")\r\n");
    message_octets += std::min(octets.size(), cut_after - std::min(cut_after, before));
}

void FakeProvider::take_pop3(Call& call, std::string const& line) {
    commands.push_back(line);
    if (auto const own = answer ? answer(line) : std::nullopt) {
        if (*own != "silence") say(call, *own + "\r\n");
        return;
    }
    std::string_view rest = line;
    auto const verb = take_word(rest);
    auto const text = [&](std::string_view octets) {
        std::string out = "+OK\r\n";
        wire::pop3::TextEncoder encoder;
        encoder.feed(octets, out);
        encoder.finish(out);
        say(call, out);
    };
    auto const number = number_at(rest);
    HeldMail* const one = number > 0 && number <= call.drop.size() ? find(call.drop[number - 1]) : nullptr;
    if (verb == "CAPA") {
        std::string all;
        for (auto const& capability : pop3_capabilities) all += capability + "\r\n";
        text(all);
    } else if (verb == "PASS") {
        for (HeldMail const& held : mail) call.drop.push_back(held.uid);
        say(call, "+OK\r\n");
    } else if (verb == "LIST" || verb == "UIDL") {
        std::string all;
        for (std::size_t at = 0; at < call.drop.size(); ++at)
            if (HeldMail const* const held = find(call.drop[at]))
                all += verb == "LIST" ? std::format("{} {}\r\n", at + 1, held->said_size.value_or(held->octets.size()))
                                      : std::format("{} {}id-{}\r\n", at + 1, renumbered, held->uid);
        text(all);
    } else if (verb == "RETR" || verb == "TOP") {
        if (one == nullptr) return say(call, "-ERR no such message\r\n");
        auto end = one->octets.size();
        if (verb == "TOP") {
            end = one->octets.find("\r\n\r\n") + 4;
            for (auto lines = number_at(rest.substr(rest.find(' ') + 1)); lines > 0 && end < one->octets.size();
                 --lines)
                end = std::min(one->octets.find("\r\n", end), one->octets.size() - 2) + 2;
        }
        text(one->octets.substr(0, end));
    } else if (verb == "DELE") {
        if (one != nullptr) call.marked.push_back(one->uid);
        say(call, "+OK\r\n");
    } else if (verb == "QUIT") {
        expunge([&](HeldMail const& held) { return std::ranges::contains(call.marked, held.uid); });
        say(call, "+OK\r\n");
        if (!call.over) end(call);
    } else {
        say(call, "+OK\r\n");
    }
}

} // namespace postern::test
