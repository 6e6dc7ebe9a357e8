// A hostile name server's answer: what is taken of it belongs to the question, does not lead inside, and goes out as a
// message that says the same.
#include "dns/upstream_answer.h"

#include "dns/prepared_answer.h"
#include "dns/rebinding.h"
#include "wire/dns_query.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

using namespace postern;
using namespace postern::dns;
using namespace postern::wire::dns;

namespace {

void require(bool holds) {
    if (!holds) __builtin_trap();
}

bool is_wanted(Record const& record, Question const& question, bool dnssec_ok) {
    constexpr auto dname = Type{39}, rrsig = Type{46};
    return question.type == Type::any || record.type() == question.type || record.type() == Type::cname ||
           record.type() == dname || (dnssec_ok && record.type() == rrsig);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    auto const [outcome, said] = parse_message({reinterpret_cast<char const*>(data), size});
    if (outcome != Reading::message || said.questions.size() != 1 || said.questions[0].of_class != Class::internet)
        return 0;
    Question const& question = said.questions[0];
    bool const dnssec_ok = (said.id & 1) != 0, authentic = (said.id & 2) != 0;
    auto answer = read_upstream_answer(said, question, dnssec_ok, authentic, {});
    Message& message = answer.message;
    require(message.questions.size() == 1 && message.questions[0] == question);
    require(message.answers.size() <= said.answers.size() && message.authorities.size() <= said.authorities.size());
    require(message.additionals.empty());
    require(!message.authentic_data || authentic);
    require(answer.lifetime.count() >= 0);
    require(!answer.cuts || (answer.verdict == Verdict::no_name && message.answers.empty()));
    for (Record const& record : message.answers)
        require(is_wanted(record, question, dnssec_ok) && !leads_inside(record));
    bool const failed = answer.verdict == Verdict::failed || answer.verdict == Verdict::bogus;
    require(!failed || message.answers.empty());
    if (answer.verdict == Verdict::records) require(!message.answers.empty() && message.code == ResponseCode::no_error);

    Message asking;
    asking.id = said.id;
    asking.questions = {question};
    if (authentic) asking.edns = Edns{.payload_size = udp_payload, .version = 0, .dnssec_ok = dnssec_ok, .errors = {}};
    std::string const octets = format(asking);
    Query query;
    require(read_query(octets, query) == QueryReading::query);
    auto const prepared = prepare(message, core::SteadyTime{});
    for (std::size_t const limit : {udp_limit, tcp_limit}) {
        std::string out(limit, '\0');
        std::size_t const written = write_answer(query, prepared, {.limit = limit, .cookie = {}, .now = {}}, out);
        require(written <= limit);
        auto const sent = parse_message(std::string_view(out).substr(0, written));
        require(sent.outcome == Reading::message && sent.message.id == said.id);
        require(sent.message.questions == asking.questions);
        // Names that were compressed may not fit any more, once they are not.
        require(sent.message.truncated || sent.message.answers == message.answers ||
                sent.message.answers.size() < message.answers.size());
    }
    return 0;
}
