module x

go 1.14

require github.com/a/b v1.0.0
require (
	github.com/c/d
	"example.org/quoted" v0.1.0 // indirect
	local.org/fork v1.0.0
	bad.org/m v1.0.0
)
exclude bad.org/m v1.0.0
replace local.org/fork => ../fork
replace github.com/a/b v1.0.0 => github.com/z/b v1.0.1
