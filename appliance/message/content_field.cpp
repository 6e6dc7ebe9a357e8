#include "message/content_field.h"

#include "message/extended_parameters.h"
#include "text/ascii.h"

#include <algorithm>
#include <utility>

namespace postern::message {
namespace {

using text::is_space;

// Reads tokens and quoted strings; comments and white space lie between them.
class ContentReader {
public:
    explicit ContentReader(std::string_view body) : rest_(body) {}

    // Whether anything is left after comments and white space.
    bool more() {
        while (!rest_.empty()) {
            if (is_space(rest_.front()))
                rest_.remove_prefix(1);
            else if (rest_.front() == '(')
                skip_comment();
            else
                return true;
        }
        return false;
    }

    bool eat(char c) {
        if (!more() || rest_.front() != c) return false;
        rest_.remove_prefix(1);
        return true;
    }

    // RFC 2045 §5.1 token, but anything goes that is none of `ends`, white space or a comment.
    std::string token(std::string_view ends) {
        more();
        std::size_t n = 0;
        while (n < rest_.size() && !is_space(rest_[n]) && rest_[n] != '(' && !ends.contains(rest_[n])) ++n;
        std::string const out(rest_.substr(0, n));
        rest_.remove_prefix(n);
        return out;
    }

    // A quoted string, or what stands unquoted up to ";" where it ought to be quoted ("name=my file.txt").
    std::string value() {
        if (!more()) return {};
        std::string out;
        if (rest_.front() == '"') {
            rest_.remove_prefix(1);
            while (!rest_.empty()) {
                char c = rest_.front();
                rest_.remove_prefix(1);
                if (c == '"') break;
                if (c == '\\' && !rest_.empty()) {
                    c = rest_.front();
                    rest_.remove_prefix(1);
                }
                if (c != '\r' && c != '\n') out += c;
            }
            return out;
        }
        std::size_t const end = std::min(rest_.find_first_of(";("), rest_.size());
        for (char c : text::trim(rest_.substr(0, end)))
            if (c != '\r' && c != '\n') out += c;
        rest_.remove_prefix(end);
        return out;
    }

    // *(";" attribute "=" value) up to the end.
    std::vector<Parameter> parameters() {
        std::vector<Parameter> out;
        while (more() && out.size() < parameter_limit) {
            if (eat(';')) continue;
            Parameter parameter{token("=;"), {}};
            if (eat('=')) {
                parameter.value = value();
                if (!parameter.name.empty()) out.push_back(std::move(parameter));
            }
            while (more() && !eat(';')) token(";");
        }
        return join_extended(std::move(out));
    }

private:
    // RFC 5322 §3.2.2
    void skip_comment() {
        std::size_t depth = 0;
        while (!rest_.empty()) {
            char const c = rest_.front();
            rest_.remove_prefix(1);
            if (c == '(') ++depth;
            if (c == ')' && --depth == 0) return;
            if (c == '\\' && !rest_.empty()) rest_.remove_prefix(1);
        }
    }

    std::string_view rest_;
};

} // namespace

std::optional<ContentType> parse_content_type(std::string_view body) {
    ContentReader in(body);
    ContentType out;
    out.type = in.token("/;=\"");
    if (out.type.empty() || !in.eat('/')) return std::nullopt;
    out.subtype = in.token(";=\"");
    if (out.subtype.empty()) return std::nullopt;
    out.parameters = in.parameters();
    return out;
}

std::optional<Disposition> parse_disposition(std::string_view body) {
    ContentReader in(body);
    Disposition out;
    out.type = in.token(";=\"");
    if (out.type.empty()) return std::nullopt;
    out.parameters = in.parameters();
    return out;
}

std::string parse_transfer_encoding(std::string_view body) { return ContentReader(body).token(";,\""); }

std::vector<std::string> parse_languages(std::string_view body) {
    std::vector<std::string> out;
    ContentReader in(body);
    while (in.more() && out.size() < parameter_limit) {
        if (in.eat(',')) continue;
        out.push_back(in.token(","));
    }
    return out;
}

std::optional<std::string_view> find(std::vector<Parameter> const& parameters, std::string_view name) {
    for (Parameter const& parameter : parameters)
        if (text::iequals(parameter.name, name)) return parameter.value;
    return std::nullopt;
}

} // namespace postern::message
