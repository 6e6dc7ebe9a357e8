// SEARCH with signatures finds what a full look through every text finds, whatever the messages were encoded with.
#include "imap_client.h"
#include "message/encoded_word.h"
#include "message/text_folder.h"
#include "text/base64.h"
#include "text/quoted_printable.h"

#include <random>
#include <vector>

using namespace postern;
using namespace postern::test;

namespace {

constexpr std::string_view syllables[] = {
    "ka", "lo", "mi", "ter", "s\xc3\xa4", "stra\xc3\x9f", "e", "\xc3\x89l", "an", "\xd0\xb6\xd1\x83", "qu", "yx"};

// A text, known as it is, in a message that hides it in one way or another.
struct Letter {
    std::string subject, body, message;
    std::string header, text; // folded, as TEXT and BODY look through them
};

struct Writer {
    std::mt19937 random{20260105};

    std::string words(std::size_t count) {
        std::string out;
        for (; count > 0; --count) {
            for (auto length = 1 + random() % 4; length > 0; --length)
                out += syllables[random() % std::size(syllables)];
            out += ' ';
        }
        return out;
    }
    static std::string quoted_printable(std::string_view text) {
        std::string out;
        std::size_t column = 0;
        for (char const c : text) {
            out += std::format("={:02X}", static_cast<unsigned char>(c));
            if (++column % 20 == 0) out += "=\r\n";
        }
        return out;
    }
    std::string marked_up(std::string_view text) {
        std::string out = "<html><body><p title=hidden>";
        for (char const c : text) {
            out += c;
            // Not within a character.
            if ((static_cast<unsigned char>(c) & 0x80U) == 0 && random() % 5 == 0) out += "<b></b>";
        }
        return out + "</p></body></html>";
    }
    Letter letter(unsigned way) {
        Letter one{.subject = words(4), .body = words(5 + random() % 60), .message = {}, .header = {}, .text = {}};
        std::string const subject =
            "Subject: " + message::encode_words(one.subject.substr(0, one.subject.size() - 1)) + "\r\n";
        std::string const plain = "Content-Type: text/plain; charset=utf-8\r\n";
        switch (way % 5) {
        case 0: one.message = subject + plain + "\r\n" + one.body + "\r\n"; break;
        case 1:
            one.message =
                subject + plain + "Content-Transfer-Encoding: quoted-printable\r\n\r\n" + quoted_printable(one.body);
            break;
        case 2: {
            std::string const coded = text::base64_encode(one.body);
            one.message = subject + plain + "Content-Transfer-Encoding: base64\r\n\r\n";
            for (std::size_t at = 0; at < coded.size(); at += 19) one.message += coded.substr(at, 19) + "\r\n";
            break;
        }
        case 3: one.message = subject + "Content-Type: text/html; charset=utf-8\r\n\r\n" + marked_up(one.body); break;
        default:
            one.message =
                subject +
                "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
                "Content-Type: application/octet-stream\r\n\r\nhidden\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n" +
                plain + "\r\n" + one.body + "\r\n--b--\r\n";
        }
        std::string const others = one.message.substr(subject.size(), one.message.find("\r\n\r\n") - subject.size());
        one.header = message::fold("Subject: " + one.subject + "\r\n" + others);
        if (way % 5 == 4)
            for (char const* part : {"application/octet-stream", "message/rfc822"})
                one.header += message::fold(std::format("\1Content-Type: {}\r\n", part));
        one.text =
            message::fold((way % 5 == 4 ? plain + "\1" : "") + one.body); // an inner message's header is in the body
        return one;
    }
};

} // namespace

TEST_GROUP(ImapSearchSignature) {
    ImapOffice office;
    ImapClient client{office};
    Writer writer;
    std::vector<Letter> letters;

    void setup() override {
        client.log_in();
        for (unsigned way = 0; way < 40; ++way) {
            letters.push_back(writer.letter(way));
            client.append("INBOX", letters.back().message);
        }
        client.say("SELECT INBOX");
    }
    void compare(std::string_view needle) {
        std::string const folded = message::fold(needle);
        std::string in_body, in_text;
        for (std::size_t at = 0; at < letters.size(); ++at) {
            bool const body = letters[at].text.contains(folded);
            bool const header = letters[at].header.contains(folded);
            if (body) in_body += std::format(" {}", at + 1);
            if (body || header) in_text += std::format(" {}", at + 1);
        }
        for (auto const& [key, expected] : {std::pair("BODY", in_body), {"TEXT", in_text}})
            CHECK_ANSWER(std::format("* SEARCH{}\r\nOK Searched\r\n", expected),
                         client.say(std::format("SEARCH CHARSET UTF-8 {} {{{}+}}\r\n{}", key, needle.size(), needle)));
    }
    // A piece of a text, of whole characters.
    std::string piece(std::string_view text) {
        auto const whole = [&](std::size_t at) {
            return at >= text.size() || (static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80;
        };
        std::size_t begin = writer.random() % text.size();
        while (!whole(begin)) ++begin;
        std::size_t end = begin + 1 + writer.random() % 14;
        while (!whole(end)) ++end;
        return std::string(text.substr(begin, end - begin));
    }
};

TEST(ImapSearchSignature, what_is_there_is_found) {
    for (int i = 0; i < 150; ++i) {
        auto const& letter = letters[writer.random() % letters.size()];
        std::string const needle = piece(i % 3 == 0 ? letter.subject : letter.body);
        if (needle.find_first_not_of(' ') != std::string::npos && !needle.ends_with(' ')) compare(needle);
    }
}

TEST(ImapSearchSignature, what_is_not_there_is_not) {
    for (int i = 0; i < 50; ++i) compare(writer.words(1).substr(0, 2) + "zz" + std::to_string(i));
    compare("hidden");
    compare("<b>");
}

// Longer than what stays in memory: its signature is made of what the store has.
TEST(ImapSearchSignature, a_long_message_has_one_too) {
    client.append("INBOX", "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nneedleword\r\n--b\r\n"
                           "Content-Type: application/pdf\r\n\r\n" +
                               std::string(600'000, 'x') + "\r\n--b--\r\n");
    CHECK_ANSWER("* SEARCH 41\r\nOK Searched\r\n", client.say("SEARCH BODY needleword"));
    CHECK_ANSWER("* SEARCH\r\nOK Searched\r\n", client.say("SEARCH BODY xxxx"));
    client.append("INBOX", "\r\n" + std::string(100'000, 'y') + " needleword\r\n");
    CHECK_ANSWER("* SEARCH 41 42\r\nOK Searched\r\n", client.say("SEARCH BODY needleword"));
}
