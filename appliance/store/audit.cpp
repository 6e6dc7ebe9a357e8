#include "store/audit.h"

#include "core/crypto.h"
#include "store/rows.h"

#include <format>
#include <utility>

namespace postern::store {

Result<void> audit(WriteTransaction& transaction, std::string_view event, std::string_view details,
                   core::WallTime now) {
    AuditRow row;
    row.sequence = 1;
    row.time = now;
    row.event = event;
    row.details = details;
    {
        Cursor cursor(transaction, Table::audit);
        if (cursor.last()) {
            row.sequence = u64_at(cursor.key(), 0).value_or(0) + 1;
            row.before = core::sha256(std::string(cursor.key()).append(cursor.value()));
        }
    }
    put(transaction, Table::audit, u64_key(row.sequence), encode(row));
    if (row.sequence > max_audit_rows) erase(transaction, Table::audit, u64_key(row.sequence - max_audit_rows));
    return {};
}

std::vector<AuditRow> list_audit(ReadTransaction const& transaction, std::size_t most) {
    std::vector<AuditRow> rows;
    Cursor cursor(transaction, Table::audit);
    for (bool there = cursor.last(); there && rows.size() < most; there = cursor.previous()) {
        auto const sequence = u64_at(cursor.key(), 0);
        auto row = sequence ? decode_audit(*sequence, cursor.value()) : std::nullopt;
        if (!row) damaged(std::format("audit row {}", sequence.value_or(0)));
        rows.push_back(std::move(*row));
    }
    return rows;
}

} // namespace postern::store
