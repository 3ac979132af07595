# R's compareVersion, on versions that package_version accepts.
lines <- strsplit(readLines(file("stdin")), "\t", fixed = TRUE)
good <- function(v) grepl("^[0-9]+([.-][0-9]+)+$", v) & !grepl("[0-9]{10}", v)
out <- vapply(lines, function(p) {
  if (length(p) != 2 || !good(p[1]) || !good(p[2])) return("x")
  as.character(utils::compareVersion(p[1], p[2]))
}, "")
cat(out, sep = "\n")
cat("\n")
