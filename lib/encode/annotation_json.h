#pragma once

#include <cstddef>
#include <span>

#include "encode/added_names.h"
#include "encode/json_writer.h"
#include "event/annotation.h"

namespace sorrel::encode {

// Writes what was added to one record as members of its object. The outermost keys are ours and get
// the prefix; the keys inside an object of ours are as they are.
void put_annotations(JsonWriter& w, const AddedNames& names,
                     std::span<const event::Annotation> steps) noexcept;

// The bytes that put_annotations() needs at the most, for all records' steps.
std::size_t annotations_bound(const event::AnnotationList& list, std::size_t prefix_size) noexcept;

}  // namespace sorrel::encode
