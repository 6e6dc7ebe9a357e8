#include "core/crc32c.h"
#include "migration/letter.h"
#include "migration/maildir.h"
#include "migration/mbox.h"

#include <CppUTest/TestHarness.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <format>
#include <fstream>

using namespace postern;
using namespace postern::migration;
using core::SystemFlag;
namespace fs = std::filesystem;

namespace {

Letter letter(std::string text, core::SystemFlags flags = {}, std::vector<std::string> keywords = {}) {
    Letter made{
        {.flags = flags, .keywords = std::move(keywords), .date = core::WallTime(std::chrono::seconds(1'700'000'000))},
        std::move(text)};
    made.head.size = made.text.size();
    made.head.sum = core::crc32c(made.text);
    return made;
}

// As it comes back from the file.
Letter again(std::string const& in_file) {
    auto const line = in_file.find('\n');
    auto const rest = std::string_view(in_file).substr(line + 1, in_file.size() - line - 2); // without the empty line
    return from_mbox(std::string_view(in_file).substr(5, line - 5), rest, {});
}

} // namespace

TEST_GROUP(Migration) {
    fs::path directory = fs::temp_directory_path() / std::format("postern-migration-{}", ::getpid());

    void setup() override { fs::create_directory(directory); }
    void teardown() override { fs::remove_all(directory); }

    std::vector<Letter> read(fs::path const& mbox) {
        std::vector<Letter> letters;
        auto const done = read_mbox(mbox, [&](Letter one) -> std::expected<void, std::string> {
            letters.push_back(std::move(one));
            return {};
        });
        if (!done) FAIL(done.error().c_str());
        return letters;
    }
};

TEST(Migration, streams_letters_in_pieces_of_any_length) {
    std::vector<Letter> const sent{letter("one\r\n", SystemFlag::seen, {"work", "$Later"}), letter(""),
                                   letter(std::string(70'000, 'x'), core::SystemFlags(24))};
    std::string stream;
    for (Letter const& one : sent) stream += encode(one.head) + one.text;
    for (std::size_t const size : {1UZ, 7UZ, 1000UZ, stream.size()}) {
        LetterReader reader;
        std::vector<Letter> got;
        for (std::string_view in = stream; !in.empty(); in.remove_prefix(std::min(size, in.size()))) {
            reader.feed(in.substr(0, size));
            for (auto event = reader.next(); !std::holds_alternative<LetterReader::NeedMore>(event);
                 event = reader.next())
                if (auto* head = std::get_if<LetterHead>(&event))
                    got.push_back({*head, ""});
                else
                    got.back().text += std::get<std::string>(event);
        }
        CHECK(reader.at_end());
        CHECK(got.size() == sent.size());
        for (std::size_t i = 0; i < sent.size(); ++i) CHECK(got[i].head == sent[i].head && got[i].text == sent[i].text);
    }
}

TEST(Migration, keeps_times_before_1970) {
    LetterReader reader;
    LetterHead const head{.flags = {}, .keywords = {}, .date = core::WallTime(std::chrono::seconds(-5)), .size = 0};
    reader.feed(encode(head));
    CHECK(std::get<LetterHead>(reader.next()) == head);
}

TEST(Migration, refuses_a_stream_of_something_else) {
    for (std::string_view const wrong :
         {"\x7f", "\x01\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80", "\x01\x02\x02\x02\x7f"}) {
        LetterReader reader;
        reader.feed(wrong);
        reader.feed(std::string(100'000, '\xff'));
        CHECK(std::holds_alternative<LetterReader::Malformed>(reader.next()));
    }
}

TEST(Migration, changes_line_ends_only_where_that_can_be_undone) {
    CHECK(with_lf("a\r\nb\r\n") == "a\nb\n");
    for (std::string_view const odd : {"a\nb\r\n", "a\rb\r\n", "\na", "a\r", "a\r\r\n"}) CHECK(with_lf(odd) == odd);
    CHECK(with_crlf("\na\nb\r\n\n") == "\r\na\r\nb\r\n\r\n");
}

TEST(Migration, writes_levels_as_maildir_has_them) {
    CHECK(maildir_name("Archive/2026") == "Archive.2026");
    CHECK(maildir_name("Größe/v1.2") == "Gr&APYA3w-e.v1_2");
    CHECK(maildir_name("a&b") == "a&-b");
}

TEST(Migration, brings_a_letter_through_mbox_as_it_was) {
    for (std::string const text :
         {"Subject: x\r\n\r\nFrom me\r\n>From you\r\n>>From all\r\nFromage\r\n", "Subject: x\r\n\r\n",
          "Subject: x\r\n\r\n\r\n\r\n", "From: a\r\nSubject: From b\r\n c\r\n\r\nbody\r\n", "\r\nno header\r\n",
          "no header at all\r\n"}) {
        auto const sent = letter(text, core::SystemFlags(31), {"a", "b"});
        auto const got = again(to_mbox(sent));
        if (text != "no header at all\r\n") CHECK(got.text == text);
        CHECK(got.head.flags == sent.head.flags && got.head.keywords == sent.head.keywords);
        CHECK(got.head.date == sent.head.date);
    }
}

TEST(Migration, believes_no_state_that_a_message_says_of_itself) {
    auto const sent = letter("X-Status: D\r\nStatus: R\r\n O\r\nSubject: x\r\n\r\nStatus: body\r\n");
    auto const got = again(to_mbox(sent));
    CHECK(got.head.flags.empty());
    CHECK(got.text == "Subject: x\r\n\r\nStatus: body\r\n");
}

TEST(Migration, reads_mbox_files_of_others) {
    std::ofstream(directory / "mbox", std::ios::binary)
        << "From alice@example.org  Mon Jan  5 10:00 2026\nSubject: 1\n\none\nFrom here\n\nFrom bob Tue Jan  6 "
           "11:00:00 2026\r\n"
           "Subject: 2\r\nStatus: RO\r\n\r\ntwo\r\n\r\nFrom carol\nSubject: 3\n\nwithout an end";
    auto const letters = read(directory / "mbox");
    CHECK(letters.size() == 3);
    CHECK(letters[0].text == "Subject: 1\r\n\r\none\r\nFrom here\r\n");
    CHECK(letters[0].head.date ==
          core::WallTime(std::chrono::sys_days(std::chrono::January / 5 / 2026) + std::chrono::hours(10)));
    CHECK(letters[1].text == "Subject: 2\r\n\r\ntwo\r\n");
    CHECK(letters[1].head.flags == SystemFlag::seen);
    CHECK(letters[2].text == "Subject: 3\r\n\r\nwithout an end");
    std::ofstream(directory / "empty");
    CHECK(read(directory / "empty").empty());
    std::ofstream(directory / "other") << "%PDF-1.7\n";
    CHECK_FALSE(read_mbox(directory / "other", [](Letter) { return std::expected<void, std::string>(); }).has_value());
}

TEST(Migration, loses_and_counts_keywords_beyond_those_that_a_maildir_can_have) {
    auto writer = MaildirWriter::make(directory / "mail");
    CHECK(writer.has_value());
    CHECK(writer->begin("INBOX").has_value());
    std::vector<std::string> keywords;
    for (int i = 0; i < 30; ++i) keywords.push_back(std::format("k{}", i));
    CHECK(writer->put(letter("x\r\n", SystemFlag::seen, keywords)).has_value());
    CHECK(writer->end().has_value());
    CHECK(writer->keywords_lost() == 4);
    auto const done = read_maildir(directory / "mail", "INBOX", [&](Letter one) -> std::expected<void, std::string> {
        CHECK(one.head.keywords == std::vector(keywords.begin(), keywords.begin() + 26));
        CHECK(one.head.flags == SystemFlag::seen && one.text == "x\r\n");
        CHECK(one.head.date == letter("").head.date);
        return {};
    });
    CHECK(done.has_value());
    CHECK(MaildirWriter::make(directory / "mail").error().contains("not empty"));
}
