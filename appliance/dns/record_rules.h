// What an administrator may add to the office's zones, and how it is kept. Of addresses that are not private, whose
// names are in the zone of who provides them, he may say what one of them is called: of that one, we say so in the
// office, as a file of hosts would, and nothing of its neighbours. Errors are sentences for him. Pure; any
// thread.
#pragma once

#include "wire/dns_message.h"

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::dns {

// A record's time to live, type and data as in a zone's file: "3600 A 192.168.1.20". Of a class of ours, with names
// that are whole.
[[nodiscard]] std::string write_record(wire::dns::Record const& record);
[[nodiscard]] std::expected<wire::dns::Record, std::string> read_record(wire::dns::Name const& owner,
                                                                        std::string_view written);

// Those of one name, as they are kept; what cannot be read is passed over.
[[nodiscard]] std::vector<wire::dns::Record> read_records(std::string_view owner,
                                                          std::vector<std::string> const& written);

// Why it cannot be, beside the others that there are.
[[nodiscard]] std::optional<std::string> objection(wire::dns::Record const& added,
                                                   std::vector<wire::dns::Record> const& others,
                                                   wire::dns::Name const& domain, bool split);

} // namespace postern::dns
