// SEARCH with signatures finds exactly what a look through every octet finds: random questions about messages as
// offices exchange them, in many charsets and encodings.
#include "bench/load/corpus.h"
#include "imap/mailbox_view.h"
#include "imap/search_run.h"
#include "imap/text_scan.h"
#include "imap_client.h"
#include "message/encoded_word.h"
#include "message/header.h"
#include "message/search_text.h"
#include "message/text_folder.h"
#include "store/mailboxes.h"
#include "text/ascii.h"

#include <random>
#include <set>
#include <vector>

using namespace postern;
using namespace postern::test;
using imap::SearchRun;
using wire::imap::SearchKey;

namespace {

constexpr std::size_t messages = 120;

// What all the text of a message is, folded.
struct Text final : message::TextWalk::Sink {
    void text(message::TextWalk::Place place, std::string_view utf8) override {
        folder.feed(utf8, place == message::TextWalk::Place::header ? header : body);
    }
    void end_text(message::TextWalk::Place place) override {
        std::string& of = place == message::TextWalk::Place::header ? header : body;
        folder.finish(of);
        of += '\0'; // nothing is found across
    }
    message::TextFolder folder;
    std::string header, body;
};

struct Known {
    std::string header, body; // folded
    std::vector<std::pair<std::string, std::string>> fields;
};

Known read_all(store::MessageReader& reader, store::MessageView const& view) {
    std::string octets;
    CHECK_TRUE(reader.read_body(view, 0, view.size, octets).has_value());
    auto const structure = message::decode_structure(view.structure).value();
    Text text;
    message::TextWalk walk(structure, true, text);
    while (auto const wanted = walk.wanted())
        walk.feed(std::string_view(octets).substr(wanted->begin, wanted->end - wanted->begin));
    Known known{text.header, text.body, {}};
    std::string_view const header =
        std::string_view(octets).substr(structure.root.header_begin, structure.root.body_begin);
    for (message::Field const& field : message::HeaderSection(header))
        known.fields.emplace_back(field.name, message::fold(message::decode_words(message::unfold(field.raw_body))));
    return known;
}

// Fields that are looked for in what is kept of them, spelled anew, and not in the header.
bool is_kept(std::string_view name) {
    return message::search_field(name) || text::iequals(name, "Message-Id") || text::iequals(name, "In-Reply-To");
}

} // namespace

TEST_GROUP(ImapSearchCorpus) {
    ImapOffice office;
    ImapClient client{office};
    std::mt19937_64 random{20260105};
    std::vector<Known> known;
    store::MailboxId inbox{};
    core::UidSet uids;

    void setup() override {
        bench::Corpus const corpus(7);
        client.log_in();
        for (std::size_t number = 0; number < messages; ++number) client.append("INBOX", corpus.message(number));
        auto const done =
            office.store().read_here([&](store::ReadTransaction const& transaction) -> store::Result<void> {
                inbox = store::find_mailbox(transaction, office.alice, "INBOX")->id;
                uids = store::list_uids(transaction, inbox);
                store::MessageReader reader(transaction);
                store::for_each_index(transaction, inbox, uids, [&](store::IndexRow const& row) {
                    known.push_back(read_all(reader, reader.find(row.message).value()));
                    return true;
                });
                return {};
            });
        CHECK_TRUE(done.has_value());
        LONGS_EQUAL(messages, known.size());
    }

    // Places, from 0.
    std::set<std::size_t> search(SearchKey const& key) {
        imap::MailboxView const view(uids, {}, {});
        auto program = imap::compile(key, "UTF-8", view, office.clock.wall());
        SearchRun run(std::make_shared<imap::SearchProgram const>(std::move(*program)), inbox, uids, {},
                      [](core::WallTime) { return std::chrono::minutes{0}; });
        for (bool done = false; !done;)
            done = office.store()
                       .read_here([&](store::ReadTransaction const& transaction) { return run.step(transaction); })
                       .value();
        std::set<std::size_t> found;
        for (SearchRun::Found const& one : run.found()) found.insert(core::number(one.uid) - 1);
        return found;
    }
    bool holds(SearchKey const& key, Known const& of) {
        using namespace wire::imap;
        bool answer = false;
        if (auto const* all = std::get_if<AllOf>(&key.condition))
            answer = std::ranges::all_of(all->keys, [&](SearchKey const& part) { return holds(part, of); });
        else if (auto const* any = std::get_if<AnyOf>(&key.condition))
            answer = std::ranges::any_of(any->keys, [&](SearchKey const& part) { return holds(part, of); });
        else if (auto const* body = std::get_if<BodyContains>(&key.condition))
            answer = of.body.contains(message::fold(body->value));
        else if (auto const* anywhere = std::get_if<TextContains>(&key.condition))
            answer =
                of.body.contains(message::fold(anywhere->value)) || of.header.contains(message::fold(anywhere->value));
        else if (auto const* header = std::get_if<HeaderContains>(&key.condition))
            answer = std::ranges::any_of(of.fields, [&](auto const& field) {
                return text::iequals(field.first, header->field) && field.second.contains(message::fold(header->value));
            });
        return answer != key.negated;
    }
    // Some octets of a text, of whole characters; now and then with one that is another.
    std::string piece(std::string_view text) {
        auto const whole = [&](std::size_t at) {
            return at >= text.size() || (static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80;
        };
        if (text.empty()) return "nothing";
        std::size_t begin = random() % text.size();
        while (!whole(begin)) ++begin;
        std::size_t end = std::min(text.size(), begin + 1 + random() % 16);
        while (!whole(end)) ++end;
        std::string piece(text.substr(begin, end - begin));
        if (piece.contains('\0') || piece.empty()) return "nothing";
        if (random() % 4 == 0 && text::is_ascii(piece.back())) piece.back() = static_cast<char>('a' + random() % 26);
        return piece;
    }
    SearchKey leaf() {
        Known const& from = known[random() % known.size()];
        switch (random() % 4) {
        case 0: return {wire::imap::BodyContains{piece(from.body)}};
        case 1: return {wire::imap::TextContains{piece(from.body)}};
        case 2: return {wire::imap::TextContains{piece(from.header)}};
        default: {
            auto const& [name, value] = from.fields[random() % from.fields.size()];
            if (is_kept(name)) return {wire::imap::TextContains{piece(value)}};
            return {wire::imap::HeaderContains{name, piece(value)}};
        }
        }
    }
    SearchKey question(int depth) {
        SearchKey key = leaf();
        if (depth > 0 && random() % 2 == 0) {
            std::vector<SearchKey> parts;
            for (auto count = 2 + random() % 3; count > 0; --count) parts.push_back(question(depth - 1));
            if (random() % 2 == 0)
                key = {wire::imap::AllOf{std::move(parts)}};
            else
                key = {wire::imap::AnyOf{std::move(parts)}};
        }
        key.negated = random() % 4 == 0;
        return key;
    }
};

TEST(ImapSearchCorpus, finds_what_a_look_through_everything_finds) {
    std::size_t found_something = 0;
    for (int i = 0; i < 400; ++i) {
        SearchKey const key = question(i % 2 == 0 ? 0 : 3);
        std::set<std::size_t> expected;
        for (std::size_t at = 0; at < known.size(); ++at)
            if (holds(key, known[at])) expected.insert(at);
        CHECK_TEXT(search(key) == expected, std::format("question {} of the seed", i).c_str());
        if (!expected.empty() && expected.size() < known.size()) ++found_something;
    }
    CHECK_TRUE(found_something > 200);
}
