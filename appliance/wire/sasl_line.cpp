#include "wire/sasl_line.h"

#include "text/base64.h"

#include <format>
#include <utility>

namespace postern::wire {

core::Secret sasl_begin(std::string_view command, std::string_view mechanism,
                        std::optional<core::Secret> const& initial_response) {
    std::string line = std::format("{} {}", command, mechanism);
    // Nothing after the mechanism would mean that there is none.
    if (initial_response)
        line.append(" ").append(initial_response->empty() ? "=" : text::base64_encode(initial_response->reveal()));
    line += "\r\n";
    return core::Secret(std::move(line));
}

core::Secret sasl_response(core::Secret const& response) {
    return core::Secret(text::base64_encode(response.reveal()) + "\r\n");
}

std::string sasl_cancel() { return "*\r\n"; }

} // namespace postern::wire
