// The audit log: what administrators and the office must be able to prove. Each row holds the SHA-256 of the row before
// it, so that none can be altered or taken out of the middle unseen; check.h follows the chain.
#pragma once

#include "core/clock.h"
#include "store/error.h"
#include "store/transaction.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace postern::store {

constexpr std::uint64_t max_audit_rows = 100'000; // older ones are forgotten

struct AuditRow {
    std::uint64_t sequence = 0;
    core::WallTime time{};
    std::string event;
    std::string details;
    std::string before; // SHA-256 of the row before, raw; of nothing for the first
};

Result<void> audit(WriteTransaction& transaction, std::string_view event, std::string_view details, core::WallTime now);

std::vector<AuditRow> list_audit(ReadTransaction const& transaction, std::size_t most); // newest first

} // namespace postern::store
