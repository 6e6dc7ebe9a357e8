#include "corpus.h"

#include <iconv.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <format>
#include <map>
#include <random>
#include <span>
#include <stdexcept>
#include <vector>

namespace postern::bench {

namespace {

using Words = std::vector<std::string>;

// The standard's engine gives the same numbers everywhere; its distributions do not, so these are our own.
class Dice {
public:
    explicit Dice(std::uint64_t seed) : engine_(seed) {}
    std::uint64_t number() { return engine_(); }
    std::size_t below(std::size_t bound) { return engine_() % bound; }
    bool percent(unsigned chance) { return below(100) < chance; }
    double fraction() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }
    // A few often, most of them seldom, as words and names are.
    std::size_t rank(std::size_t bound) {
        return static_cast<std::size_t>(static_cast<double>(bound) * std::pow(fraction(), 3));
    }
    template <typename T> T const& one_of(std::span<T const> from) { return from[below(from.size())]; }
    std::string const& word(Words const& from) { return from[rank(from.size())]; }
    std::string octets(std::size_t size) {
        std::string out;
        while (out.size() < size) {
            std::uint64_t const eight = engine_();
            out.append(reinterpret_cast<char const*>(&eight), std::min<std::size_t>(8, size - out.size()));
        }
        return out;
    }

private:
    std::mt19937_64 engine_;
};

struct Language {
    std::string_view onsets, vowels, codas; // separated by blanks
    std::string_view between;               // words
    std::vector<std::string_view> charsets;
};

// What each is written in: a charset and, for the body, whether to choose base64, quoted-printable or neither.
Language const languages[] = {
    {"b br c ch cl d dr f fl g gr h j k l m n p pl pr qu r s sc sh sl sp st str t th tr v w wh",
     "a e i o u ea ee ou ai y",
     "- - - b ck d ft g l ll m n nd ng nt p r rd rk rn rt s ss st t th x",
     " ",
     {"us-ascii", "us-ascii", "utf-8"}},
    {"b d f g h k l m n p r s sch schl st t v w z zw",
     "a e i o u ä ö ü ei ie au é è à",
     "- - n r s t l ng ch nd ß st tz",
     " ",
     {"iso-8859-1", "windows-1252", "utf-8", "iso-8859-15"}},
    {"b c cz d dz g h j k l ł m n p prz r rz s sz ś t w z ż",
     "a e i o u y ą ę ó",
     "- - - c ć j k l m n ń sz ść w",
     " ",
     {"iso-8859-2", "utf-8", "windows-1250"}},
    {"б в г д ж з к л м н п пр р с ст т ф х ч ш",
     "а е и о у ы я ю ё",
     "- - - в л м н р с т ть сть к й",
     " ",
     {"koi8-r", "windows-1251", "utf-8"}},
    {"β γ δ ζ θ κ λ μ ν π πρ ρ σ στ τ φ χ", "α ε η ι ο υ ω ά έ ό ου", "- - - ν ς", " ", {"iso-8859-7", "utf-8"}},
    {"か き く け こ さ し す せ そ た ち つ て と な に の は ひ ま み も や よ ら り る 日 本 会 社 東 京 電 話 予 "
     "定 確 認 送 付",
     "い う ん を が で 人 大 中 月 年 時 間",
     "- - は が の に を",
     "",
     {"iso-2022-jp", "utf-8", "shift_jis"}},
    {"我 你 他 们 的 是 在 有 不 了 人 这 中 大 来 上 国 个 到 说 时 要 就 出 会 可 也 对 生 能 子 那 得 于 着 下 自 "
     "之",
     "年 过 发 后 作 里 用 道 行 所 然 家 种 事 成 方 多 经",
     "- - - 么 去 法 学 如",
     "",
     {"gb18030", "utf-8"}},
};

std::vector<std::string_view> split(std::string_view text) {
    std::vector<std::string_view> pieces;
    while (!text.empty()) {
        auto const end = std::min(text.find(' '), text.size());
        pieces.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return pieces;
}

Words make_words(Dice& dice, Language const& language, std::size_t count) {
    auto const onsets = split(language.onsets), vowels = split(language.vowels), codas = split(language.codas);
    Words words;
    for (std::size_t n = 0; n < count; ++n) {
        std::string word;
        for (std::size_t syllable = 0; syllable <= dice.below(3); ++syllable) {
            word += dice.one_of<std::string_view>(onsets);
            word += dice.one_of<std::string_view>(vowels);
            if (auto const coda = dice.one_of<std::string_view>(codas); coda != "-") word += coda;
        }
        words.push_back(std::move(word));
    }
    return words;
}

std::string from_utf8(std::string const& charset, std::string const& text) {
    if (charset == "us-ascii" || charset == "utf-8") return text;
    iconv_t const converter = iconv_open((charset + "//TRANSLIT").c_str(), "utf-8");
    if (converter == iconv_t(-1)) throw std::runtime_error("this C library does not write " + charset);
    std::string out(text.size() * 2 + 64, '\0');
    char* from = const_cast<char*>(text.data());
    char* to = out.data();
    std::size_t left = text.size(), room = out.size();
    while (left > 0 && iconv(converter, &from, &left, &to, &room) == std::size_t(-1)) {
        ++from; // has no place in this charset
        --left;
    }
    iconv(converter, nullptr, nullptr, &to, &room);
    iconv_close(converter);
    out.resize(out.size() - room);
    return out;
}

std::string base64(std::string_view octets, std::string_view line_end) {
    static constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t at = 0; at < octets.size(); at += 3) {
        if (at > 0 && at % 57 == 0) out += line_end;
        auto const octet = [&](std::size_t n) -> unsigned {
            return at + n < octets.size() ? static_cast<unsigned char>(octets[at + n]) : 0;
        };
        unsigned const three = octet(0) << 16 | octet(1) << 8 | octet(2);
        out += alphabet[three >> 18];
        out += alphabet[three >> 12 & 63];
        out += at + 1 < octets.size() ? alphabet[three >> 6 & 63] : '=';
        out += at + 2 < octets.size() ? alphabet[three & 63] : '=';
    }
    return out;
}

std::string quoted_printable(std::string_view text) {
    std::string out;
    std::size_t column = 0;
    for (char const octet : text) {
        if (octet == '\r') continue;
        if (octet == '\n') {
            out += "\r\n";
            column = 0;
            continue;
        }
        bool const plain = octet >= ' ' && octet <= '~' && octet != '=';
        if (column + (plain ? 1 : 3) > 75) {
            out += "=\r\n";
            column = 0;
        }
        if (plain)
            out += octet;
        else
            out += std::format("={:02X}", static_cast<unsigned char>(octet));
        column += plain ? 1 : 3;
    }
    return out;
}

bool ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char octet) { return static_cast<unsigned char>(octet) < 0x80; });
}

// RFC 2047; a word at a time, as clients with long subjects do.
std::string encoded(std::string const& charset, std::string const& text) {
    return ascii(text) ? text : std::format("=?{}?B?{}?=", charset, base64(from_utf8(charset, text), ""));
}

std::string date(std::uint64_t seconds) {
    auto const time = static_cast<std::time_t>(seconds);
    std::tm broken{};
    gmtime_r(&time, &broken);
    char text[64];
    return {text, std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S +0000", &broken)};
}

struct Person {
    std::string given, family, address;
    std::size_t language;
};

std::string capitalised(std::string word) {
    if (word[0] >= 'a' && word[0] <= 'z') word[0] = static_cast<char>(word[0] - 'a' + 'A');
    return word;
}

} // namespace

struct Corpus::Inner {
    std::uint64_t seed;
    std::vector<Words> words; // by language
    std::vector<Person> people;
    std::vector<std::string> hosts;

    [[nodiscard]] std::string mailbox(Person const& person, std::string const& charset) const {
        return std::format("{} {} <{}>", encoded(charset, person.given), encoded(charset, person.family),
                           person.address);
    }

    // Paragraphs of sentences, some of them quoted, in UTF-8 with CRLF.
    [[nodiscard]] std::string prose(Dice& dice, std::size_t language, std::size_t size,
                                    std::string_view paragraph) const {
        std::string out;
        std::size_t column = 0;
        bool quoted = false;
        while (out.size() < size) {
            std::size_t const count = 4 + dice.below(14);
            for (std::size_t n = 0; n < count; ++n) {
                std::string const& word = dice.word(words[language]);
                if (column + word.size() > 72) {
                    out += quoted ? "\r\n> " : "\r\n";
                    column = 0;
                }
                out += n == 0 ? capitalised(word) : word;
                if (dice.percent(2)) out += std::format(" {}", dice.below(10000));
                if (n + 1 < count) out += dice.percent(8) ? "," : "";
                if (n + 1 < count) out += languages[language].between;
                column += word.size() + 1;
            }
            out += ". ";
            if (dice.percent(20)) {
                quoted = dice.percent(30);
                out += paragraph;
                if (quoted) out += "> ";
                column = 0;
            }
        }
        return out + "\r\n";
    }

    // Content-Type, Content-Transfer-Encoding, an empty line and the text.
    [[nodiscard]] std::string text_part(Dice& dice, std::size_t language, std::string const& charset, bool html,
                                        std::size_t size) const {
        std::string text = prose(dice, language, size, html ? "</p>\r\n<p style=\"margin:0 0 1em\">" : "\r\n\r\n");
        if (html)
            text = "<!DOCTYPE html>\r\n<html><head><style>p{font:11pt Calibri,sans-serif}</style></head><body>\r\n<p>" +
                   text + "</p>\r\n</body></html>\r\n";
        std::string const octets = from_utf8(charset, text);
        std::string out = std::format(
            "Content-Type: text/{}; charset=\"{}\"\r\nContent-Transfer-Encoding: ", html ? "html" : "plain", charset);
        if (charset == "iso-2022-jp" || ascii(octets)) return out + "7bit\r\n\r\n" + octets;
        if (language <= 2 && dice.percent(70)) // mostly Latin letters
            return out + "quoted-printable\r\n\r\n" + quoted_printable(octets);
        if (dice.percent(50)) return out + "8bit\r\n\r\n" + octets;
        return out + "base64\r\n\r\n" + base64(octets, "\r\n") + "\r\n";
    }

    [[nodiscard]] std::string boundary(Dice& dice) const { return std::format("=_{:016x}", dice.number()); }

    [[nodiscard]] std::string alternative(Dice& dice, std::size_t language, std::string const& charset,
                                          std::size_t size) const {
        std::string const line = boundary(dice);
        return std::format(
            "Content-Type: multipart/alternative; boundary=\"{0}\"\r\n\r\n--{0}\r\n{1}\r\n--{0}\r\n{2}\r\n--{0}--\r\n",
            line, text_part(dice, language, charset, false, size / 3),
            text_part(dice, language, charset, true, size - size / 3));
    }

    [[nodiscard]] std::string attachment(Dice& dice, std::size_t language, std::string const& charset,
                                         std::size_t size) const {
        static constexpr std::pair<std::string_view, std::string_view> types[] = {
            {"application/pdf", "pdf"}, {"image/jpeg", "jpg"}, {"application/zip", "zip"}, {"image/png", "png"}};
        auto const [type, extension] = dice.one_of<std::pair<std::string_view, std::string_view>>(types);
        std::string const name = encoded(charset, dice.word(words[language]));
        return std::format("Content-Type: {0}; name=\"{1}.{2}\"\r\nContent-Transfer-Encoding: base64\r\n"
                           "Content-Disposition: attachment; filename=\"{1}.{2}\"\r\n\r\n{3}\r\n",
                           type, name, extension, base64(dice.octets(size * 3 / 4), "\r\n"));
    }

    [[nodiscard]] std::string content(Dice& dice, std::size_t language, std::string const& charset,
                                      std::size_t size) const {
        std::size_t const kind = dice.below(100);
        if (size < 2500 || kind < 50) return text_part(dice, language, charset, false, size);
        if (kind < 75) return alternative(dice, language, charset, size);
        std::string const line = boundary(dice);
        std::size_t const text = std::min<std::size_t>(size / 3, 6000);
        std::string out =
            std::format("Content-Type: multipart/mixed; boundary=\"{0}\"\r\n\r\nThis is a multi-part message "
                        "in MIME format.\r\n--{0}\r\n",
                        line);
        out += dice.percent(50) ? alternative(dice, language, charset, text)
                                : text_part(dice, language, charset, false, text);
        out += std::format("\r\n--{}\r\n", line);
        if (kind < 95)
            out += attachment(dice, language, charset, size - text);
        else
            out += "Content-Type: message/rfc822\r\n\r\n" + whole(dice, size - text);
        return out + std::format("\r\n--{}--\r\n", line);
    }

    [[nodiscard]] std::string whole(Dice& dice, std::size_t size) const {
        Person const& author = people[dice.rank(people.size())];
        std::size_t const language = author.language;
        std::string const charset(dice.one_of<std::string_view>(languages[language].charsets));
        std::uint64_t const sent = 1'650'000'000 + dice.below(100'000'000);
        auto const& host = dice.one_of<std::string>(hosts);
        std::string out;
        for (std::size_t hop = 0; hop <= dice.below(size < 4000 ? 1 : 3); ++hop)
            out +=
                std::format("Received: from {} ([192.0.2.{}])\r\n\tby {} with ESMTPS id {:012x}\r\n\t(version=TLSv1.3 "
                            "cipher=TLS_AES_256_GCM_SHA384);\r\n\t{}\r\n",
                            dice.one_of<std::string>(hosts), dice.below(256), dice.one_of<std::string>(hosts),
                            dice.number() >> 16, date(sent + 4 - hop));
        if (size >= 4000 && dice.percent(60))
            out += std::format(
                "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d={}; s=mail;\r\n\tt={}; bh={};\r\n\t"
                "h=From:To:Subject:Date:Message-ID;\r\n\tb={}\r\n",
                host, sent, base64(dice.octets(32), ""), base64(dice.octets(256), "\r\n\t "));
        out += std::format("From: {}\r\nTo: {}", mailbox(author, charset),
                           mailbox(people[dice.rank(people.size())], charset));
        for (std::size_t n = dice.percent(25) ? dice.below(5) : 0; n > 0; --n)
            out += ",\r\n " + mailbox(people[dice.rank(people.size())], charset);
        if (dice.percent(15)) out += "\r\nCc: " + mailbox(people[dice.rank(people.size())], charset);
        out += dice.percent(40) ? "\r\nSubject: Re:" : "\r\nSubject:";
        for (std::size_t n = 2 + dice.below(6); n > 0; --n) {
            std::string const& word = dice.word(words[language]);
            out += (n == 4 ? "\r\n " : " ") + encoded(charset, word);
        }
        out += std::format("\r\nDate: {}\r\nMessage-ID: <{:016x}@{}>\r\n", date(sent), dice.number(), host);
        if (dice.percent(35)) {
            std::string const parent = std::format("<{:016x}@{}>", dice.number(), host);
            out +=
                std::format("In-Reply-To: {0}\r\nReferences: <{1:016x}@{2}>\r\n {0}\r\n", parent, dice.number(), host);
        }
        if (dice.percent(50)) out += "User-Agent: Mozilla Thunderbird\r\n";
        out += "MIME-Version: 1.0\r\n";
        return out + content(dice, language, charset, size > out.size() + 200 ? size - out.size() - 100 : 100);
    }
};

Corpus::Corpus(std::uint64_t seed) : inner_(std::make_unique<Inner>(Inner{seed, {}, {}, {}})) {
    Dice dice(seed);
    for (Language const& language : languages) inner_->words.push_back(make_words(dice, language, 8000));
    for (unsigned n = 0; n < 60; ++n)
        inner_->hosts.push_back(std::format("{}.{}.example", dice.word(inner_->words[0]), dice.word(inner_->words[0])));
    Words const givens = make_words(dice, languages[0], 300), families = make_words(dice, languages[0], 800);
    for (unsigned n = 0; n < 2000; ++n) {
        // Half write English; names of the others are in their own script.
        std::size_t const language = dice.percent(50) ? 0 : dice.below(std::size(languages));
        bool const latin = language == 0;
        Person person{
            capitalised(latin ? dice.word(givens) : dice.word(inner_->words[language])),
            capitalised(latin ? families[n % families.size()] : dice.word(inner_->words[language])),
            std::format("{}.{}@{}", dice.word(givens), dice.word(families), dice.one_of<std::string>(inner_->hosts)),
            language};
        inner_->people.push_back(std::move(person));
    }
}

Corpus::~Corpus() = default;

std::string Corpus::message(std::uint64_t number, std::size_t size) const {
    Dice dice(inner_->seed * 0x9E3779B97F4A7C15 + number);
    if (size == 0) {
        // Log-normal: a normal variable is near enough the sum of twelve uniform ones.
        double normal = -6;
        for (int n = 0; n < 12; ++n) normal += dice.fraction();
        size = static_cast<std::size_t>(std::clamp(6000 * std::exp(normal), 1000.0, 60000.0));
    }
    return inner_->whole(dice, size);
}

std::string_view Corpus::family_name(std::size_t rank) const {
    for (Person const& person : inner_->people)
        if (person.language == 0 && person.family.size() >= 5 && rank-- == 0) return person.family;
    throw std::out_of_range("rank");
}

std::string_view Corpus::word(std::size_t rank) const {
    for (std::string const& word : inner_->words[0])
        if (word.size() >= 6 && rank-- == 0) return word;
    throw std::out_of_range("rank");
}

std::string dot_stuffed(std::string_view message) {
    std::string out;
    out.reserve(message.size() + 64);
    while (!message.empty()) {
        if (message.front() == '.') out += '.';
        auto const end = std::min(message.find("\r\n"), message.size() - 2) + 2;
        out += message.substr(0, end);
        message.remove_prefix(end);
    }
    return out + ".\r\n";
}

} // namespace postern::bench
