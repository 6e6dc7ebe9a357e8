// What the administrator has the name server say of names.
#pragma once

#include "store/error.h"
#include "store/records.h"
#include "store/transaction.h"

#include <optional>
#include <string_view>
#include <vector>

namespace postern::store {

// Makes or replaces it; one without records is gone. Errors: name_invalid.
Result<void> set_dns_name(WriteTransaction& transaction, DnsName const& name);

std::optional<DnsName> find_dns_name(ReadTransaction const& transaction, std::string_view name);
std::vector<DnsName> list_dns_names(ReadTransaction const& transaction); // by name

} // namespace postern::store
