#include "wire/imap_announced_part.h"

#include "text/ascii.h"
#include "text/charset.h"
#include "text/utf8.h"
#include "wire/imap_cursor.h"

#include <algorithm>
#include <charconv>
#include <format>
#include <limits>
#include <utility>

namespace postern::wire::imap {

namespace {

// RFC 3501 §9 body: reads down as the grammar does.
class StructureReader {
public:
    explicit StructureReader(Cursor& in) : in_(in) {}

    std::vector<AnnouncedPart> read() {
        body("", 0);
        if (in_.failed()) parts_.clear();
        return std::move(parts_);
    }

private:
    // `section`: of this part; of the message itself none.
    void body(std::string const& section, unsigned depth) {
        if (depth > structure_depth_limit) return skip_value(in_);
        in_.expect('(');
        if (in_.peek() == '(')
            multipart(section, depth);
        else
            single(section.empty() ? "1" : section);
        while (in_.accept(' ')) skip_value(in_); // body-ext, and whatever else
        in_.expect(')');
    }

    // body-type-mpart: 1*body SP media-subtype
    void multipart(std::string const& section, unsigned depth) {
        for (unsigned number = 1; in_.peek() == '('; ++number)
            body(section.empty() ? std::format("{}", number) : std::format("{}.{}", section, number), depth + 1);
    }

    // body-type-1part: media, body-fields, and what the type adds; body-ext-1part
    void single(std::string section) {
        AnnouncedPart part;
        part.section = std::move(section);
        part.type = text::lower(word());
        in_.space();
        part.subtype = text::lower(word());
        in_.space();
        std::string name;
        parameters([&](std::string_view key, std::string value) {
            if (key == "charset") part.charset = std::move(value);
            if (key == "name") name = std::move(value);
        });
        in_.space();
        skip_value(in_); // id
        in_.space();
        skip_value(in_); // description
        in_.space();
        part.encoding = text::lower(word());
        in_.space();
        if (!in_.accept_word("NIL")) part.octets = in_.number(std::numeric_limits<std::int64_t>::max());
        if (part.type == "text") { // body-fld-lines
            if (in_.accept(' ')) skip_value(in_);
        } else if (part.type == "message" && (part.subtype == "rfc822" || part.subtype == "global")) {
            for (int item = 0; item < 3; ++item) // envelope, body, lines
                if (in_.accept(' ')) skip_value(in_);
        }
        if (in_.accept(' ')) skip_value(in_); // md5
        if (in_.accept(' ')) disposition(part, name);
        if (part.name.empty()) part.name = std::move(name);
        if (parts_.size() < announced_parts_limit) parts_.push_back(std::move(part));
    }

    // body-fld-dsp: "(" string SP body-fld-param ")" / nil
    void disposition(AnnouncedPart& part, std::string& name) {
        if (in_.peek() != '(') return skip_value(in_);
        in_.expect('(');
        part.attachment = text::iequals(word(), "attachment");
        in_.space();
        std::string extended; // RFC 2231 §3, §4: in its order, as a rule
        parameters([&](std::string_view key, std::string value) {
            if (key == "filename") part.name = std::move(value);
            if (key.starts_with("filename*")) extended += value;
        });
        if (part.name.empty()) part.name = decode_extended(extended);
        in_.expect(')');
        if (part.name.empty()) part.name = std::exchange(name, {});
    }

    // RFC 2231 §4: charset "'" language "'" octets, some of which are written as "%20". Without quotes as it stands.
    static std::string decode_extended(std::string_view value) {
        auto const quote = value.find('\'');
        auto const end = quote == std::string_view::npos ? quote : value.find('\'', quote + 1);
        if (end == std::string_view::npos) return std::string(value);
        std::string octets;
        for (auto rest = value.substr(end + 1); !rest.empty();) {
            unsigned octet = 0;
            auto const hex = rest.substr(1, 2);
            auto const [stop, error] = std::from_chars(hex.data(), hex.data() + hex.size(), octet, 16);
            bool const escaped = rest.starts_with('%') && hex.size() == 2 && stop == hex.data() + hex.size();
            octets += escaped ? static_cast<char>(octet) : rest.front();
            rest.remove_prefix(escaped ? 3 : 1);
        }
        auto name = text::charset_to_utf8(value.substr(0, quote), octets);
        name.resize(text::utf8_prefix(std::string_view(name).substr(0, announced_text_limit)));
        return name;
    }

    // body-fld-param: "(" string SP string *(SP string SP string) ")" / nil
    void parameters(auto&& take) {
        if (!in_.accept('(')) return skip_value(in_);
        do {
            std::string const key = text::lower(word());
            in_.space();
            take(std::string_view(key), word());
        } while (in_.accept(' '));
        in_.expect(')');
    }

    // Servers say NIL where no string is.
    std::string word() {
        auto octets = in_.nstring().value_or("");
        octets.resize(std::min(octets.size(), announced_text_limit));
        return octets;
    }

    Cursor& in_;
    std::vector<AnnouncedPart> parts_;
};

} // namespace

std::vector<AnnouncedPart> take_body_structure(Cursor& in) {
    Cursor again = in;
    skip_value(in);
    return in.failed() ? std::vector<AnnouncedPart>() : StructureReader(again).read();
}

void skip_value(Cursor& in) {
    constexpr unsigned depth_limit = 10'000; // servers tell what senders put within each other
    unsigned depth = 0;
    do {
        if (in.accept('(')) {
            if (++depth > depth_limit) in.fail("Too deep");
        } else if (depth > 0 && in.accept(')')) {
            --depth;
        } else if (in.at_literal() || in.peek() == '"') {
            (void)in.string();
        } else if (in.take_while([](char c) { return c != ' ' && c != '(' && c != ')' && c != '"'; }).empty() &&
                   (depth == 0 || !in.accept(' '))) {
            in.fail("Expected a value");
        }
    } while (depth > 0 && !in.failed());
}

} // namespace postern::wire::imap
