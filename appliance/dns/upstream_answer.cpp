#include "dns/upstream_answer.h"

#include "dns/rebinding.h"
#include "text/ascii.h"
#include "wire/dns_answer.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace postern::dns {

using namespace wire::dns;

namespace {

// RFC 4034, RFC 5155, RFC 6672
constexpr auto dname = Type{39}, rrsig = Type{46}, nsec = Type{47}, nsec3 = Type{50};
// RFC 8914 §4.7 to §4.13: what is forged, or cannot be shown not to be.
constexpr std::uint16_t first_bogus = 6, last_bogus = 12, filtered = 17;
constexpr std::size_t most_words = 200; // octets of an extended error's text that go on

// Names in an answer mostly point into the question, in whose letters we mixed the case: what ends with them gets lower
// case, and what the server wrote by itself stays as it is.
class Unmixed {
public:
    explicit Unmixed(Name const& sent) : sent_(sent) {}

    void operator()(Name& name) const {
        for (std::string_view end = name.wire(); !end.empty(); end = parent_of(end))
            if (is_end_of_sent(end)) {
                std::string_view const before = name.wire().substr(0, name.wire().size() - end.size());
                name = Name::from_wire(std::string(before) + text::lower(end)).value();
                return;
            }
    }
    void operator()(Record& record) const {
        (*this)(record.name);
        if (auto* const ns = std::get_if<Ns>(&record.data)) (*this)(ns->host);
        if (auto* const cname = std::get_if<Cname>(&record.data)) (*this)(cname->canonical);
        if (auto* const ptr = std::get_if<Ptr>(&record.data)) (*this)(ptr->target);
        if (auto* const mx = std::get_if<Mx>(&record.data)) (*this)(mx->exchange);
        if (auto* const srv = std::get_if<Srv>(&record.data)) (*this)(srv->target);
        if (auto* const soa = std::get_if<Soa>(&record.data)) {
            (*this)(soa->primary);
            (*this)(soa->mailbox);
        }
    }

private:
    [[nodiscard]] bool is_end_of_sent(std::string_view end) const {
        std::string_view sent = sent_.wire();
        while (sent.size() > end.size()) sent = parent_of(sent);
        return sent == end;
    }

    Name const& sent_;
};

// RFC 4034 §3.1.1: of which type a signature is.
std::optional<Type> signed_type(Record const& record) {
    auto const* const opaque = std::get_if<Opaque>(&record.data);
    if (opaque == nullptr || opaque->type != rrsig || opaque->octets.size() < 2) return std::nullopt;
    return static_cast<Type>(static_cast<unsigned char>(opaque->octets[0]) << 8 |
                             static_cast<unsigned char>(opaque->octets[1]));
}

class Selection {
public:
    Selection(Message const& said, Question const& asked, bool dnssec_ok)
        : said_(said), asked_(asked), dnssec_ok_(dnssec_ok), taken_(said.answers.size()) {}

    // The name at which the aliases end; nothing: they go round, or there are too many.
    std::optional<Name> answers(std::vector<Record>& into) {
        Name name = asked_.name;
        for (unsigned aliases = 0; aliases <= alias_limit; ++aliases) {
            Record const* alias = nullptr;
            bool found = false;
            for (std::size_t i = 0; i < said_.answers.size(); ++i) {
                Record const& record = said_.answers[i];
                if (record.of_class != asked_.of_class) continue;
                if (record.type() == dname || signed_type(record) == dname) {
                    if (name != record.name && name.is_within(record.name) && is_wanted(record)) take(i, into);
                    if (asked_.type != dname) continue;
                }
                if (record.name != name) continue;
                bool const asked_for = is_asked_for(record.type());
                if (!asked_for && record.type() == Type::cname) {
                    if (alias != nullptr) continue; // RFC 2181 §10.1: a name has one
                    alias = &record;
                } else if (auto const covered = signed_type(record); !asked_for && covered) {
                    if (!dnssec_ok_ || (!is_asked_for(*covered) && *covered != Type::cname)) continue;
                } else if (!asked_for) {
                    continue;
                }
                found = found || asked_for;
                take(i, into);
            }
            if (found || alias == nullptr) return name;
            name = std::get<Cname>(alias->data).canonical;
        }
        return std::nullopt;
    }

    // What shows that there is nothing, or that a wildcard was meant (RFC 4035 §3.1.3, RFC 5155 §7.2).
    void proofs(Name const& name, bool negative, std::vector<Record>& into) const {
        bool ended = false;
        for (Record const& record : said_.authorities) {
            if (record.of_class != asked_.of_class) continue;
            if (auto const* soa = std::get_if<Soa>(&record.data)) {
                if (!negative || ended || !name.is_within(record.name)) continue;
                ended = true;
                into.push_back(record);
                into.back().ttl = std::min(record.ttl, soa->minimum); // RFC 2308 §5
            } else if (dnssec_ok_) {
                auto const type = signed_type(record).value_or(record.type());
                bool const proves = type == nsec || type == nsec3 || (negative && type == Type::soa);
                if (proves) into.push_back(record);
            }
        }
    }

private:
    [[nodiscard]] bool is_asked_for(Type type) const { return type == asked_.type || asked_.type == Type::any; }
    [[nodiscard]] bool is_wanted(Record const& record) const { return dnssec_ok_ || record.type() == dname; }

    void take(std::size_t i, std::vector<Record>& into) {
        if (taken_[i]) return;
        taken_[i] = true;
        into.push_back(said_.answers[i]);
    }

    Message const& said_;
    Question const& asked_;
    bool dnssec_ok_;
    std::vector<bool> taken_;
};

bool is_bogus(ExtendedError const& error) { return error.code >= first_bogus && error.code <= last_bogus; }

bool is_failure(Message const& said) {
    return said.code != ResponseCode::no_error && said.code != ResponseCode::name_error;
}

} // namespace

UpstreamAnswer read_upstream_answer(Message const& said, Question const& asked, bool dnssec_ok, bool authentic,
                                    std::span<Name const> private_domains) {
    UpstreamAnswer answer;
    Message& message = answer.message;
    message.response = true;
    message.recursion_available = true;
    message.code = said.code;
    message.authentic_data = authentic && said.authentic_data;
    if (said.edns && !said.edns->errors.empty()) {
        ExtendedError const& error = said.edns->errors.front();
        message.edns = Edns{.errors = {{error.code, error.text.substr(0, most_words)}}};
    }
    message.questions = {{Name::from_wire(text::lower(asked.name.wire())).value(), asked.type, asked.of_class}};
    if (is_failure(said)) {
        if (said.edns && std::ranges::any_of(said.edns->errors, is_bogus)) answer.verdict = Verdict::bogus;
        return answer;
    }

    Selection selection(said, asked, dnssec_ok);
    auto const last = selection.answers(message.answers);
    if (!last) {
        message.answers.clear();
        return answer;
    }
    bool const found = asked.type == Type::any ? !message.answers.empty()
                                               : std::ranges::contains(message.answers, asked.type, &Record::type);
    if (!found && read_answer(said, asked).finding == Finding::nothing) {
        message.answers.clear();
        return answer; // a referral
    }
    selection.proofs(*last, !found, message.authorities);
    bool const ended = std::ranges::contains(message.authorities, Type::soa, &Record::type);
    answer.verdict = found                                 ? Verdict::records
                     : !ended                              ? Verdict::doubtful
                     : said.code == ResponseCode::no_error ? Verdict::none
                                                           : Verdict::no_name;
    if (found) message.code = ResponseCode::no_error;

    auto const is_private = [&](Name const& domain) { return asked.name.is_within(domain); };
    if (std::ranges::any_of(message.answers, leads_inside) && std::ranges::none_of(private_domains, is_private)) {
        std::chrono::seconds lifetime = std::chrono::seconds::max();
        for (Record const& record : message.answers) lifetime = std::min<std::chrono::seconds>(lifetime, record.ttl);
        message.answers.clear();
        message.authorities.clear();
        message.authentic_data = false;
        message.edns = Edns{.errors = {{filtered, "an address inside for a name outside: see dns.private_domains"}}};
        answer.verdict = Verdict::none;
        answer.lifetime = lifetime;
        return answer;
    }

    Unmixed const unmixed(asked.name);
    auto lifetime = std::chrono::seconds::max();
    for (auto* const section : {&message.answers, &message.authorities})
        for (Record& record : *section) {
            unmixed(record);
            lifetime = std::min<std::chrono::seconds>(lifetime, record.ttl);
        }
    if (answer.verdict != Verdict::doubtful && lifetime != std::chrono::seconds::max()) answer.lifetime = lifetime;
    if (answer.verdict == Verdict::no_name && *last == asked.name) {
        bool const apex = std::ranges::any_of(message.authorities, [&](Record const& record) {
            return record.type() == Type::soa && record.name == asked.name;
        });
        answer.cuts = !apex && (asked.type == Type::a || message.authentic_data);
    }
    return answer;
}

} // namespace postern::dns
