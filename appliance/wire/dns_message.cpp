#include "wire/dns_message.h"

#include "text/ascii.h"
#include "text/utf8.h"
#include "wire/dns_header.h"

#include <algorithm>
#include <format>
#include <map>

namespace postern::wire::dns {

namespace {

// Of an OPT record without options.
constexpr std::size_t opt_octets = 11;
constexpr std::uint16_t extended_error_option = 15; // RFC 8914 §2

constexpr std::size_t pointer_reach = 0x4000;
// As many as a name has labels at most: a pointer that leads to a pointer serves nobody.
constexpr unsigned most_pointers = 127;

constexpr std::size_t flags_at = 2;

// RFC 6891 §6.1.3: the time to live of an OPT record.
constexpr unsigned extended_code_shift = 24, version_shift = 16;

// Reads from left to right. The first failure stays, and from then on every reader returns an empty value at once.
class Reader {
public:
    explicit Reader(std::string_view message) : message_(message), end_(message.size()) {}

    [[nodiscard]] bool failed() const { return failed_; }
    [[nodiscard]] bool at_end() const { return position_ == end_; }
    void fail() { failed_ = true; }

    std::string_view octets(std::size_t count) {
        if (failed_ || end_ - position_ < count) {
            failed_ = true;
            return {};
        }
        position_ += count;
        return message_.substr(position_ - count, count);
    }
    std::string_view rest() { return octets(failed_ ? 0 : end_ - position_); }

    template <typename Number = std::uint16_t> Number number() {
        std::uint32_t value = 0;
        for (char const octet : octets(sizeof(Number))) value = value << 8 | static_cast<unsigned char>(octet);
        return static_cast<Number>(value);
    }
    auto seconds() { return Seconds(number<std::uint32_t>()); }

    Name name();

    // What `read` reads is the next `length` octets and no others; names in it may lead out of it.
    template <typename Read> auto within(std::size_t length, Read read) {
        std::size_t const end = end_;
        if (failed_ || end - position_ < length) {
            failed_ = true;
            length = 0;
        }
        end_ = position_ + length;
        auto result = read();
        if (!at_end()) failed_ = true;
        end_ = end;
        return result;
    }

private:
    std::string_view message_;
    std::size_t position_ = 0;
    std::size_t end_;
    bool failed_ = false;
};

// Pointers lead to before where the name, or the part of it that is read, begins: so there are no loops.
Name Reader::name() {
    Name name;
    std::size_t begin = position_;
    std::size_t at = begin;
    std::size_t end = end_;
    unsigned pointers = 0;
    auto const take = [&]() -> unsigned {
        if (at >= end) failed_ = true;
        return failed_ ? 0 : static_cast<unsigned char>(message_[at++]);
    };
    while (true) {
        unsigned const length = take();
        if (failed_ || length == 0) break;
        if (length <= Name::longest_label) {
            if (end - at < length || !name.append(message_.substr(at, length))) failed_ = true;
            if (failed_) break;
            at += length;
        } else if (length >= pointer_mark) {
            std::size_t const target = (length - pointer_mark) << 8 | take();
            if (pointers == 0) position_ = at;
            if (failed_ || target >= begin || ++pointers > most_pointers) {
                failed_ = true;
                break;
            }
            begin = at = target;
            end = message_.size();
        } else { // RFC 6891 §5: other kinds of labels came to nothing
            failed_ = true;
            break;
        }
    }
    if (pointers == 0) position_ = at;
    return failed_ ? Name() : name;
}

template <std::size_t size> std::array<unsigned char, size> read_address(Reader& in) {
    std::array<unsigned char, size> address{};
    std::ranges::transform(in.octets(size), address.begin(),
                           [](char octet) { return static_cast<unsigned char>(octet); });
    return address;
}

Txt read_txt(Reader& in) {
    Txt txt;
    do txt.strings.emplace_back(in.octets(in.number<std::uint8_t>()));
    while (!in.failed() && !in.at_end());
    return txt;
}

Srv read_srv(Reader& in) {
    auto const priority = in.number();
    auto const weight = in.number();
    auto const port = in.number();
    return {priority, weight, port, in.name()};
}

Mx read_mx(Reader& in) {
    auto const preference = in.number();
    return {preference, in.name()};
}

Soa read_soa(Reader& in) {
    Soa soa;
    soa.primary = in.name();
    soa.mailbox = in.name();
    soa.serial = in.number<std::uint32_t>();
    for (auto* const time : {&soa.refresh, &soa.retry, &soa.expire, &soa.minimum}) *time = in.seconds();
    return soa;
}

Data read_data(Reader& in, Type type, Class of_class) {
    if (of_class == Class::internet) {
        switch (type) {
        case Type::a: return A{read_address<4>(in)};
        case Type::aaaa: return Aaaa{read_address<16>(in)};
        case Type::ns: return Ns{in.name()};
        case Type::cname: return Cname{in.name()};
        case Type::ptr: return Ptr{in.name()};
        case Type::mx: return read_mx(in);
        case Type::txt: return read_txt(in);
        case Type::srv: return read_srv(in);
        case Type::soa: return read_soa(in);
        case Type::opt:
        case Type::any: break;
        }
    }
    return Opaque{type, std::string(in.rest())};
}

// RFC 6891 §6.1.2
std::vector<ExtendedError> read_options(Reader& in) {
    std::vector<ExtendedError> errors;
    while (!in.failed() && !in.at_end()) {
        auto const option = in.number();
        auto const octets = in.octets(in.number());
        if (in.failed() || option != extended_error_option) continue;
        Reader error(octets);
        auto const code = error.number();
        if (!error.failed()) errors.push_back({code, std::string(error.rest())});
    }
    return errors;
}

// RFC 6891 §6.1.1: one at most, of the root, among the additional records.
void read_edns(Reader& in, Message& message, Name const& owner, bool allowed) {
    if (!allowed || message.edns || owner != Name()) return in.fail();
    Edns edns;
    edns.payload_size = in.number();
    auto const ttl = in.number<std::uint32_t>();
    edns.version = static_cast<std::uint8_t>(ttl >> version_shift);
    edns.dnssec_ok = (ttl & dnssec_ok_bit) != 0;
    edns.errors = in.within(in.number(), [&] { return read_options(in); });
    if (in.failed()) return;
    message.code = static_cast<ResponseCode>(ttl >> extended_code_shift << 4 | static_cast<unsigned>(message.code));
    message.edns = std::move(edns);
}

void read_record(Reader& in, Message& message, std::vector<Record>& section) {
    Record record;
    record.name = in.name();
    auto const type = static_cast<Type>(in.number());
    if (type == Type::opt) return read_edns(in, message, record.name, &section == &message.additionals);
    record.of_class = static_cast<Class>(in.number());
    record.ttl = in.seconds();
    if (record.ttl.count() >> 31 != 0) record.ttl = {}; // RFC 2181 §8
    record.data = in.within(in.number(), [&] { return read_data(in, type, record.of_class); });
    if (!in.failed()) section.push_back(std::move(record));
}

// Writes up to a limit, beyond which what was begun is taken back.
class Writer {
public:
    Writer(std::size_t limit, Compression compression) : limit_(limit), compression_(compression) {}

    void octets(std::string_view octets) { written_ += octets; }
    template <typename Number> void number(Number value) {
        for (unsigned shift = sizeof(Number) * 8; shift > 0; shift -= 8)
            written_ += static_cast<char>(value >> (shift - 8));
    }
    void number_at(std::size_t at, std::uint16_t value) {
        written_[at] = static_cast<char>(value >> 8);
        written_[at + 1] = static_cast<char>(value);
    }

    void name(Name const& name);
    void question(Name const& name);
    void owner(Name const& name);
    // RFC 3597 §4: in data of types that RFC 1035 does not define, names are not compressed.
    void whole_name(Name const& name) {
        octets(name.wire());
        octets({"", 1});
    }

    // What `write` writes, after its length in two octets.
    template <typename Write> void counted(Write write) {
        std::size_t const at = written_.size();
        number(std::uint16_t{0});
        write();
        number_at(at, static_cast<std::uint16_t>(written_.size() - at - 2));
    }

    // All of what `write` writes, or nothing. Whether there was room.
    template <typename Write> bool whole(Write write) {
        std::size_t const before = written_.size();
        write();
        if (written_.size() <= limit_) return true;
        written_.resize(before);
        std::erase_if(names_, [before](auto const& known) { return known.second >= before; });
        return false;
    }

    // Room that nothing else may take.
    void reserve(std::size_t octets) { limit_ -= octets; }
    void release(std::size_t octets) { limit_ += octets; }

    std::string take() { return std::move(written_); }

private:
    std::size_t limit_;
    Compression compression_;
    std::string written_;
    std::map<std::string, std::size_t, std::less<>> names_; // where one was written, by its octets
};

void Writer::name(Name const& name) {
    if (compression_ == Compression::owners) return whole_name(name);
    for (std::string_view rest = name.wire(); !rest.empty();) {
        if (auto const known = names_.find(rest); known != names_.end())
            return number(static_cast<std::uint16_t>(pointer_mark << 8 | known->second));
        if (written_.size() < pointer_reach) names_.emplace(rest, written_.size());
        std::size_t const label = 1 + static_cast<std::size_t>(rest.front());
        octets(rest.substr(0, label));
        rest.remove_prefix(label);
    }
    octets({"", 1});
}

void Writer::question(Name const& name) {
    if (compression_ == Compression::owners && !name.wire().empty()) names_.emplace(name.wire(), written_.size());
    this->name(name);
}

void Writer::owner(Name const& name) {
    auto const known = compression_ == Compression::owners ? names_.find(name.wire()) : names_.end();
    if (known == names_.end()) return this->name(name);
    number(static_cast<std::uint16_t>(pointer_mark << 8 | known->second));
}

void write(Writer& out, A const& a) { out.octets({reinterpret_cast<char const*>(a.address.data()), a.address.size()}); }
void write(Writer& out, Aaaa const& aaaa) {
    out.octets({reinterpret_cast<char const*>(aaaa.address.data()), aaaa.address.size()});
}
void write(Writer& out, Ns const& ns) { out.name(ns.host); }
void write(Writer& out, Cname const& cname) { out.name(cname.canonical); }
void write(Writer& out, Ptr const& ptr) { out.name(ptr.target); }
void write(Writer& out, Mx const& mx) {
    out.number(mx.preference);
    out.name(mx.exchange);
}
void write(Writer& out, Txt const& txt) {
    for (std::string const& string : txt.strings) {
        out.number(static_cast<std::uint8_t>(string.size()));
        out.octets(string);
    }
}
void write(Writer& out, Srv const& srv) {
    for (auto const number : {srv.priority, srv.weight, srv.port}) out.number(number);
    out.whole_name(srv.target);
}
void write(Writer& out, Soa const& soa) {
    out.name(soa.primary);
    out.name(soa.mailbox);
    out.number(soa.serial);
    for (auto const time : {soa.refresh, soa.retry, soa.expire, soa.minimum}) out.number(time.count());
}
void write(Writer& out, Opaque const& opaque) { out.octets(opaque.octets); }

void write(Writer& out, Question const& question) {
    out.question(question.name);
    out.number(static_cast<std::uint16_t>(question.type));
    out.number(static_cast<std::uint16_t>(question.of_class));
}

void write(Writer& out, Record const& record) {
    out.owner(record.name);
    out.number(static_cast<std::uint16_t>(record.type()));
    out.number(static_cast<std::uint16_t>(record.of_class));
    out.number(record.ttl.count());
    out.counted([&] { std::visit([&](auto const& data) { write(out, data); }, record.data); });
}

// As many as there is room for.
template <typename Entry> std::uint16_t write_section(Writer& out, std::vector<Entry> const& entries) {
    std::uint16_t count = 0;
    for (Entry const& entry : entries) {
        if (!out.whole([&] { write(out, entry); })) break;
        ++count;
    }
    return count;
}

void write(Writer& out, Edns const& edns, ResponseCode code) {
    out.whole_name(Name());
    out.number(static_cast<std::uint16_t>(Type::opt));
    out.number(edns.payload_size);
    out.number(static_cast<std::uint32_t>(static_cast<std::uint32_t>(code) >> 4 << extended_code_shift |
                                          std::uint32_t{edns.version} << version_shift |
                                          (edns.dnssec_ok ? dnssec_ok_bit : 0)));
    out.counted([&] {
        for (ExtendedError const& error : edns.errors)
            out.whole([&] {
                out.number(extended_error_option);
                out.counted([&] {
                    out.number(error.code);
                    out.octets(error.text);
                });
            });
    });
}

// RFC 8914 §4: by their codes.
constexpr std::string_view extended_errors[] = {
    "Other Error",
    "Unsupported DNSKEY Algorithm",
    "Unsupported DS Digest Type",
    "Stale Answer",
    "Forged Answer",
    "DNSSEC Indeterminate",
    "DNSSEC Bogus",
    "Signature Expired",
    "Signature Not Yet Valid",
    "DNSKEY Missing",
    "RRSIGs Missing",
    "No Zone Key Bit Set",
    "NSEC Missing",
    "Cached Error",
    "Not Ready",
    "Blocked",
    "Censored",
    "Filtered",
    "Prohibited",
    "Stale NXDOMAIN Answer",
    "Not Authoritative",
    "Not Supported",
    "No Reachable Authority",
    "Network Error",
    "Invalid Data",
};
// Octets of an extended error's text that are shown.
constexpr std::size_t most_words = 200;

struct Flag {
    unsigned bit;
    bool Message::* set;
};
constexpr Flag flags[] = {
    {response_bit, &Message::response},
    {authoritative_bit, &Message::authoritative},
    {truncated_bit, &Message::truncated},
    {desired_bit, &Message::recursion_desired},
    {available_bit, &Message::recursion_available},
    {authentic_bit, &Message::authentic_data},
    {checking_disabled_bit, &Message::checking_disabled},
};

} // namespace

std::string describe(ResponseCode code) {
    switch (code) {
    case ResponseCode::no_error: return "NOERROR";
    case ResponseCode::format_error: return "FORMERR";
    case ResponseCode::server_failure: return "SERVFAIL";
    case ResponseCode::name_error: return "NXDOMAIN";
    case ResponseCode::not_implemented: return "NOTIMP";
    case ResponseCode::refused: return "REFUSED";
    case ResponseCode::bad_version: return "BADVERS";
    }
    return std::format("RCODE {}", static_cast<unsigned>(code));
}

std::string describe(ExtendedError const& error) {
    std::string said = error.code < std::size(extended_errors) ? std::string(extended_errors[error.code])
                                                               : std::format("extended error {}", error.code);
    if (!error.text.empty()) said += std::format(": {}", error.text.substr(0, most_words));
    said = text::to_valid_utf8(said);
    std::ranges::replace_if(said, text::is_control, ' ');
    return std::string(text::trim(said));
}

Type Record::type() const {
    return std::visit([](auto const& typed) { return typed.type; }, data);
}

// RFC 1035 §4.1
ReadMessage parse_message(std::string_view octets) {
    Reader in(octets);
    Message message;
    message.id = in.number();
    unsigned const bits = in.number();
    for (Flag const& flag : flags) message.*flag.set = (bits & flag.bit) != 0;
    message.opcode = static_cast<Opcode>(bits >> opcode_shift & opcode_mask);
    message.code = static_cast<ResponseCode>(bits & code_mask);
    auto const questions = in.number();
    std::pair<std::vector<Record>*, std::uint16_t> const sections[] = {
        {&message.answers, in.number()}, {&message.authorities, in.number()}, {&message.additionals, in.number()}};
    if (in.failed()) return {Reading::nothing, {}};
    for (unsigned i = 0; i < questions && !in.failed(); ++i) {
        Question question;
        question.name = in.name();
        question.type = static_cast<Type>(in.number());
        question.of_class = static_cast<Class>(in.number());
        if (!in.failed()) message.questions.push_back(std::move(question));
    }
    for (auto const& [section, count] : sections)
        for (unsigned i = 0; i < count && !in.failed(); ++i) read_record(in, message, *section);
    return {in.failed() ? Reading::malformed : Reading::message, std::move(message)};
}

std::string format(Message const& message, std::size_t limit, Compression compression) {
    Writer out(std::min(limit, tcp_limit), compression);
    out.number(message.id);
    out.number(std::uint16_t{0});                             // flags, once we know them
    for (int i = 0; i < 4; ++i) out.number(std::uint16_t{0}); // the sections' counts as well
    if (message.edns) out.reserve(opt_octets);
    std::uint16_t counts[4] = {};
    counts[0] = write_section(out, message.questions);
    bool whole = counts[0] == message.questions.size();
    if (whole) {
        counts[1] = write_section(out, message.answers);
        whole = counts[1] == message.answers.size();
    }
    if (whole) {
        counts[2] = write_section(out, message.authorities);
        whole = counts[2] == message.authorities.size();
    }
    if (whole) counts[3] = write_section(out, message.additionals);
    if (message.edns) {
        out.release(opt_octets);
        write(out, *message.edns, message.code);
        ++counts[3];
    }
    unsigned bits =
        static_cast<unsigned>(message.opcode) << opcode_shift | (static_cast<unsigned>(message.code) & code_mask);
    for (Flag const& flag : flags)
        if (message.*flag.set) bits |= flag.bit;
    if (!whole) bits |= truncated_bit;
    out.number_at(flags_at, static_cast<std::uint16_t>(bits));
    for (std::size_t i = 0; i < std::size(counts); ++i) out.number_at(flags_at + 2 + 2 * i, counts[i]);
    return out.take();
}

} // namespace postern::wire::dns
