//! Functions and classes, from oxc's tree.

use oxc_ast::ast;
use oxc_span::GetSpan;

use super::Builder;
use crate::ir::{Class, Expr, ExprKind, Function, Parameter, ParameterKind, Span, Stmt, StmtKind};

impl<'a> Builder<'a> {
    pub(super) fn declare_function(&mut self, function: &ast::Function, out: &mut Vec<Stmt<'a>>) {
        if function.declare || function.body.is_none() || !self.descend() {
            return;
        }
        let kind = StmtKind::Function(self.function(function, "", false));
        self.ascend();
        out.push(Stmt { span: self.at(function.span), kind });
    }

    /// A function; `name` is for methods, others have their own.
    pub(super) fn function(&mut self, function: &ast::Function, name: &'a str, method: bool) -> &'a Function<'a> {
        let name = function.id.as_ref().map_or(name, |id| self.keep(&id.name));
        let parameters = self.parameters(&function.params);
        let mut body = Vec::new();
        if name == "constructor" && method {
            self.parameter_properties(&function.params, &mut body);
        }
        if let Some(own) = &function.body {
            self.in_function(|this| this.body_into(&own.statements, &mut body));
        }
        let mut decorators = Vec::new();
        for parameter in &function.params.items {
            self.decorators_into(&parameter.decorators, &mut decorators);
        }
        self.arena.alloc(Function {
            name,
            parameters,
            body: self.many(&body),
            span: self.at(function.span),
            decorators: self.many(&decorators),
            method,
            own_this: true,
        })
    }

    pub(super) fn arrow(&mut self, arrow: &ast::ArrowFunctionExpression) -> &'a Function<'a> {
        let parameters = self.parameters(&arrow.params);
        let body = match &arrow.body {
            ast::ArrowFunctionBody::FunctionBody(body) => self.in_function(|this| this.body(&body.statements)),
            body => match body.as_expression() {
                Some(expression) => {
                    let value = self.in_function(|this| this.expression(expression));
                    self.many(&[Stmt { span: value.span, kind: StmtKind::Return(Some(value)) }])
                }
                None => &[],
            },
        };
        self.arena.alloc(Function {
            name: "",
            parameters,
            body,
            span: self.at(arrow.span),
            decorators: &[],
            method: false,
            own_this: false,
        })
    }

    fn parameters(&mut self, parameters: &ast::FormalParameters) -> &'a [Parameter<'a>] {
        let mut out = Vec::with_capacity(parameters.items.len() + 1);
        for parameter in &parameters.items {
            let target = self.binding(&parameter.pattern);
            let default = parameter.initializer.as_ref().map(|default| self.expression(default));
            // A default of the whole pattern is the parameter's own.
            let (target, default) = match target.kind {
                ExprKind::Assign(assign) if default.is_none() => (assign.target, Some(assign.value)),
                _ => (target, default),
            };
            out.push(Parameter { target, default, kind: ParameterKind::One });
        }
        if let Some(rest) = &parameters.rest {
            let target = self.binding(&rest.rest.argument);
            out.push(Parameter { target, default: None, kind: ParameterKind::Rest });
        }
        self.many(&out)
    }

    /// TypeScript's `constructor(private name: string)` also sets `this.name`.
    fn parameter_properties(&mut self, parameters: &ast::FormalParameters, out: &mut Vec<Stmt<'a>>) {
        for parameter in &parameters.items {
            let property = parameter.accessibility.is_some() || parameter.readonly || parameter.r#override;
            if let ast::BindingPattern::BindingIdentifier(name) = &parameter.pattern
                && property
            {
                let span = self.at(parameter.span);
                let name = self.keep(&name.name);
                let target = self.member(span, self.name(span, "this"), name);
                let kind = StmtKind::Assign(self.set(target, None, self.name(span, name), false));
                out.push(Stmt { span, kind });
            }
        }
    }

    fn decorators_into(&mut self, decorators: &[ast::Decorator], out: &mut Vec<Expr<'a>>) {
        for decorator in decorators {
            out.push(self.expression(&decorator.expression));
        }
    }

    pub(super) fn declare_class(&mut self, class: &ast::Class, out: &mut Vec<Stmt<'a>>) {
        if class.declare {
            return;
        }
        let kind = StmtKind::Class(self.class(class));
        out.push(Stmt { span: self.at(class.span), kind });
    }

    pub(super) fn class(&mut self, class: &ast::Class) -> &'a Class<'a> {
        let mut decorators = Vec::new();
        self.decorators_into(&class.decorators, &mut decorators);
        let bases = match &class.heritage {
            Some(heritage) => {
                let base = self.expression(&heritage.expression);
                self.many(&[base])
            }
            None => &[],
        };
        let mut body = Vec::with_capacity(class.body.body.len());
        for element in &class.body.body {
            self.class_element(element, &mut body);
        }
        self.arena.alloc(Class {
            name: class.id.as_ref().map_or("", |id| self.keep(&id.name)),
            bases,
            body: self.many(&body),
            span: self.at(class.span),
            decorators: self.many(&decorators),
        })
    }

    fn class_element(&mut self, element: &ast::ClassElement, out: &mut Vec<Stmt<'a>>) {
        let span = self.at(element.span());
        match element {
            ast::ClassElement::StaticBlock(block) => {
                let body = self.in_function(|this| this.body(&block.body));
                out.push(self.block(span, body));
            }
            ast::ClassElement::MethodDefinition(method) => {
                if method.value.body.is_none() {
                    return;
                }
                let mut key = self.key(&method.key, method.computed);
                if method.kind == ast::MethodDefinitionKind::Set {
                    key = self.setter_key(key);
                }
                let mut decorators = Vec::new();
                self.decorators_into(&method.decorators, &mut decorators);
                let name = self.key_name(key, out);
                let function = self.function(&method.value, name, true);
                if method.kind == ast::MethodDefinitionKind::Get {
                    decorators.push(self.name(span, "property"));
                }
                decorators.extend_from_slice(function.decorators);
                let function = Function { decorators: self.many(&decorators), ..*function };
                out.push(Stmt { span, kind: StmtKind::Function(self.arena.alloc(function)) });
            }
            ast::ClassElement::PropertyDefinition(field) => {
                if field.declare {
                    return;
                }
                self.field(span, &field.key, field.computed, field.value.as_ref(), &field.decorators, out);
            }
            ast::ClassElement::AccessorProperty(field) => {
                self.field(span, &field.key, field.computed, field.value.as_ref(), &field.decorators, out);
            }
            ast::ClassElement::TSIndexSignature(_) => {}
        }
    }

    fn field(
        &mut self,
        span: Span,
        key: &ast::PropertyKey,
        computed: bool,
        value: Option<&ast::Expression>,
        decorators: &[ast::Decorator],
        out: &mut Vec<Stmt<'a>>,
    ) {
        for decorator in decorators {
            let call = self.expression(&decorator.expression);
            out.push(self.alone(call));
        }
        let key = self.key(key, computed);
        let name = self.key_name(key, out);
        let value = value.map(|value| self.in_function(|this| this.expression(value)));
        self.class_field(span, key, name, value, out);
    }

    /// A class field is an assignment that declares; without a name it is only its value.
    pub(super) fn class_field(
        &mut self,
        span: Span,
        key: Expr<'a>,
        name: &'a str,
        value: Option<Expr<'a>>,
        out: &mut Vec<Stmt<'a>>,
    ) {
        let value = value.unwrap_or(Expr { span, kind: ExprKind::Null });
        if name.is_empty() {
            out.push(self.alone(value));
        } else {
            out.push(self.declared(span, self.name(key.span, name), value));
        }
    }

    /// The name that a key gives; a computed one is evaluated and gives none.
    pub(super) fn key_name(&mut self, key: Expr<'a>, out: &mut Vec<Stmt<'a>>) -> &'a str {
        match key.kind {
            ExprKind::Text(name) => name,
            ExprKind::Null => "",
            _ => {
                out.push(self.alone(key));
                ""
            }
        }
    }
}
