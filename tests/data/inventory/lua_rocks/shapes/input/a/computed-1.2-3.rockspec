local v = "1.2"
package = name
version = v .. "-3"
