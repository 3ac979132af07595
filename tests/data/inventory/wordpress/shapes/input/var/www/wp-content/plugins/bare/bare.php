<?php
/**
 * Plugin Name:       Bare
 */